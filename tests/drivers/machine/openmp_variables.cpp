#include "drivers/common/machine/openmp_variables.hpp"

#include <cstdlib>

#include "tests/catch.hpp"

using namespace scalelab;
using Catch::Matchers::StartsWith;

TEST_CASE("OpenMP variables: all that are not obeyed are named, once, in one sentence") {
  CHECK(note_on_openmp_variables({}, true, true) == "");
  const std::string rest =
      ": --workers says how many workers there are, --bind whether each has a core of its own";
  CHECK(note_on_openmp_variables({"OMP_PLACES=cores"}, false, true) ==
        "OMP_PLACES is set, but no driver obeys it" + rest);
  CHECK(note_on_openmp_variables({"OMP_PROC_BIND=true", "OMP_PLACES=cores", "OMP_PLACES=threads"},
                                 false, true) ==
        "OMP_PLACES, OMP_PROC_BIND are set, but no driver obeys them" + rest);
}

TEST_CASE("OpenMP variables: what would have changed nothing is not told") {
  for (const char* variable :
       {"OMP_PROC_BIND=false", "OMP_PROC_BIND=FALSE", "GOMP_CPU_AFFINITY="}) {
    CHECK(note_on_openmp_variables({variable}, true, true) == "");
  }
  CHECK(note_on_openmp_variables({"OMP_NUM_THREADS=4"}, false, true) == "");
  CHECK_THAT(note_on_openmp_variables({"OMP_NUM_THREADS=4"}, true, false),
             Contains("OMP_NUM_THREADS is set"));
}

TEST_CASE("OpenMP variables: those of places are told where the kit leaves places to the system") {
  const std::vector<std::string> both{"OMP_NUM_THREADS=4", "OMP_PLACES=cores", "OMP_PROC_BIND=1"};
  CHECK(note_on_openmp_variables(both, false, false) == "");
  CHECK_THAT(note_on_openmp_variables(both, true, false), StartsWith("OMP_NUM_THREADS is set"));
  CHECK_THAT(note_on_openmp_variables(both, false, true),
             StartsWith("OMP_PLACES, OMP_PROC_BIND are set"));
  CHECK_THAT(note_on_openmp_variables(both, true, true),
             StartsWith("OMP_NUM_THREADS, OMP_PLACES, OMP_PROC_BIND are set"));
}

TEST_CASE("OpenMP variables: in this program, too, there are none left") {
  for (const char* name : {"OMP_NUM_THREADS", "OMP_PLACES", "OMP_PROC_BIND", "KMP_AFFINITY"}) {
    CHECK(std::getenv(name) == nullptr);
  }
  const auto found = openmp_variables_taken_out();
  CHECK(found == std::vector<std::string>{"KMP_AFFINITY=compact", "OMP_PLACES=cores"});
  REQUIRE(std::getenv("SCALELAB_TEST_AFTER") != nullptr);
  CHECK(std::getenv("SCALELAB_TEST_AFTER") == std::string("here"));
}
