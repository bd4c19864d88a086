// many-models on files as R, pandas and spreadsheets write them, in tests/data/shapes.
#include "tests/kernels/linear_models/models.hpp"

using namespace scalelab::test;

namespace {

struct Shape {
  std::string file;
  Texts options;
  std::vector<std::string> names;
  Values coefficients;
};

/// The data were drawn, written to the files by a script, and fitted by it in exact arithmetic:
/// Python's fractions, (XᵀX)⁻¹Xᵀy by Gauss-Jordan elimination, rounded to 17 digits at the end.
/// Rows that lack a value were left out there.
std::vector<Shape> shapes() {
  return {{"rownames.csv",
           {{"without", "rownames"}, {"target", "dist"}},
           {"intercept", "speed"},
           {-29.978910369068541, 4.2583479789103691}},
          {"write_csv.csv",
           {{"target", "weight"}},
           {"intercept", "height"},
           {5.3582845192787118, 0.47020040964348104}},
          {"pandas_index.csv",
           {{"target", "y"}},
           {"intercept", "a", "b"},
           {0.94809311381134491, 2.2139462663908915, -0.98349190063863456}},
          {"write_table.tsv",
           {{"target", "qsec"}},
           {"intercept", "mpg", "hp"},
           {35.545183963742263, -1.0249426515400563, -0.025649840136078315}},
          {"factor.csv",
           {{"without", "Species"}, {"target", "Petal.Length"}},
           {"intercept", "Sepal.Length", "Sepal.Width"},
           {-2.0671307075498029, 1.8966433115628472, -1.4215464788174430}},
          {"factors.csv",
           {{"without", "rownames,sex,region"}, {"target", "charges"}},
           {"intercept", "age", "bmi"},
           {-4277.0873655564629, 233.84602545689079, 329.38486708076507}},
          {"na.csv",
           {{"without", "rownames"}, {"target", "Ozone"}, {"na", "drop"}},
           {"intercept", "Wind", "Month"},
           {65.349680800409771, -2.5909801481855492, 1.7683077677410269}},
          {"empty_fields.csv",
           {{"target", "body_mass_g"}, {"na", "drop"}},
           {"intercept", "bill_length_mm", "flipper_length_mm"},
           {-7053.0062085813571, 36.148194223237804, 46.909983463126534}},
          {"semicolon.csv",
           {{"target", "quality"}},
           {"intercept", "volatile acidity", "pH"},
           {4.7426009302270401, -1.6308815288981425, 0.71638463165805355}},
          {"decimal_comma.csv",
           {{"without", "Datum"}, {"target", "Gas (kWh)"}},
           {"intercept", "Temperatur (°C)"},
           {221.37362617740279, -6.5197535824293558}},
          {"tabs.tsv",
           {{"target", "Sales"}},
           {"intercept", "TV", "Radio"},
           {2.1122745764783029, 0.051685432591427390, 0.19644862171639343}},
          {"quoted.csv",
           {{"target", "Volume"}},
           {"intercept", "Girth"},
           {-40.037732961687708, 5.1400639449090015}},
          {"trailing_commas.csv",
           {{"target", "wage"}},
           {"intercept", "age", "tenure"},
           {12.256733443605218, 0.38417363605260812, 0.015736694650959595}},
          {"bom_and_commas_in_names.csv",
           {{"target", "Literacy"}},
           {"intercept", "Education, %", "Income, $"},
           {14.544892998571730, 0.33504981784022512, -0.0044920150879221570}},
          {"line_break_in_name.csv",
           {{"target", "Weight (kg)"}},
           {"intercept", "Height (cm)"},
           {-138.33287932443476, 1.2310678289294470}},
          {"sep_line.csv",
           {{"target", "gain"}},
           {"intercept", "dose"},
           {1.7415715516610257, 0.68239352146465358}},
          {"empty_rows.csv",
           {{"target", "Rate"}},
           {"intercept", "Age"},
           {202.30416666666667, -1.5385416666666667}},
          {"dates.csv",
           {{"without", "dteday"}, {"target", "cnt"}},
           {"intercept", "temp", "hum"},
           {822.79262921141793, 87.932940944236339, -33.956936079521812}},
          {"text_with_commas.csv",
           {{"without", "\"car name, model\""}, {"target", "mpg"}},
           {"intercept", "weight"},
           {45.428864760551734, -0.0072843278317976840}},
          {"pipes.txt",
           {{"target", "pressure"}},
           {"intercept", "age", "bmi"},
           {61.280735457332622, 0.55481808237346493, 0.85804169742564993}},
          {"index_twice.csv",
           {{"without", "Unnamed: 0,rownames"}, {"target", "ratio"}},
           {"intercept", "wt"},
           {2.6769205877497111, 0.041506521380221232}},
          {"exponents.csv",
           {{"target", "rate"}},
           {"intercept", "conc"},
           {6.5577975783179127, 98418.007913604855}},
          {"text_with_line_breaks.csv",
           {{"without", "notes"}, {"target", "waiting"}},
           {"intercept", "eruptions"},
           {12.946243005595524, 13.854916067146283}},
          {"logical.csv",
           {{"without", "id,smoke"}, {"target", "bwt"}},
           {"intercept", "lwt"},
           {0.49025085110195306, 0.035916502418921340}},
          {"question_marks.csv",
           {{"without", "name"}, {"target", "mpg"}, {"na", "drop"}},
           {"intercept", "displacement", "horsepower"},
           {37.988021576271426, -0.019478952205843958, -0.066479267904078500}}};
}

}  // namespace

TEST_CASE("many-models: files of 25 shapes are fitted with --without or --na drop at the most") {
  for (const Shape& shape : shapes()) {
    CAPTURE(shape.file);
    const Model model(with(shape.options, "data", TEST_DATA "/shapes/" + shape.file));
    const Fit fit(model);
    REQUIRE(fit.coefficients.size() == shape.coefficients.size());
    const std::vector<std::string> names = model.kernel->columns();
    for (std::size_t j = 0; j < shape.coefficients.size(); ++j) {
      CHECK(names[j] == shape.names[j]);
      CHECK(deviation(fit.coefficients[j], shape.coefficients[j]) < 1e-11);
    }
    CHECK(fit.warnings.empty());
  }
}
