#include "results/record/identity.hpp"

#include "tests/catch.hpp"

using namespace scalelab;

namespace {

Run example() {
  Run run;
  run.driver = "mpi";
  run.kernel = "many-models";
  run.workers = 4;
  run.tasks = 40;
  run.scaling = "strong";
  run.schedule = "static";
  run.bind = "cores";
  run.options = {{"seed", "1"}, {"data", "here/a.csv"}, {"task-time", "1ms"}};
  run.data = "a.csv";
  run.data_digest = "00000000000000aa";
  run.work = Work{40, 1, 0};
  return run;
}

}  // namespace

TEST_CASE("identity: who computes, and how, does not change what is computed") {
  const Run run = example();
  Run other = run;
  other.driver = "sequential";
  other.workers = 1;
  other.schedule = "dynamic";
  other.chunk = 7;
  other.accounting = false;
  other.machines.resize(1);
  CHECK(computation_of(other) == computation_of(run));
  CHECK(work_of(other) == work_of(run));
  CHECK(configuration_of(other) != configuration_of(run));
}

TEST_CASE("identity: a time is only a way of saying units, and a file one of naming its data") {
  const Run run = example();
  Run other = run;
  other.options["task-time"] = "2ms";
  other.options["data"] = "there/b.csv";
  other.data = "b.csv";
  CHECK(computation_of(other) == computation_of(run));
  CHECK(work_of(other) == work_of(run));
  other.data_digest = "00000000000000bb";
  CHECK(computation_of(other) != computation_of(run));
  CHECK(work_of(other) != work_of(run));
}

TEST_CASE("identity: which option is a time, and which the units, the run says") {
  Run run = example();
  run.options = {{"seed", "1"}, {"task-time", "1ms"}, {"nap", "2s"}, {"naps", "7"}};
  // A record of an older version.
  CHECK(computation_of(run).options ==
        std::map<std::string, std::string>{{"seed", "1"}, {"nap", "2s"}, {"naps", "7"}});
  CHECK(units_option_of(run) == "task-units");
  run.time_option = "nap";
  run.units_option = "naps";
  CHECK(computation_of(run).options ==
        std::map<std::string, std::string>{{"seed", "1"}, {"task-time", "1ms"}, {"naps", "7"}});
  CHECK(units_option_of(run) == "naps");
  // A kernel that cannot choose the length of its tasks may call any option so.
  run.time_option = run.units_option = "";
  CHECK(computation_of(run).options == run.options);
  CHECK(units_option_of(run).empty());
}

TEST_CASE("identity: kernel, options, tasks and the serial part make a computation") {
  const auto differs = [](void (*change)(Run&)) {
    Run run = example();
    change(run);
    return computation_of(run) != computation_of(example());
  };
  CHECK(differs([](Run& run) { run.kernel = "one-model"; }));
  CHECK(differs([](Run& run) { run.options["seed"] = "2"; }));
  CHECK(differs([](Run& run) { run.options["rows"] = "5"; }));
  CHECK(differs([](Run& run) { run.tasks = 41; }));
  CHECK(differs([](Run& run) { run.work->serial = 1; }));
}

TEST_CASE("identity: in weak scaling a work is each worker's share, in strong scaling the whole") {
  Run four = example();
  Run two = four;
  two.workers = 2;
  two.tasks = 20;
  CHECK(work_of(two) != work_of(four));
  two.scaling = four.scaling = "weak";
  CHECK(work_of(two) == work_of(four));
  CHECK(work_of(four).at("tasks-per-worker") == "10");
  CHECK_FALSE(work_of(four).contains("tasks"));
  CHECK(computation_of(two) != computation_of(four));  // their values are not the same
}

TEST_CASE("identity: timers, tracing and threads of a rank are another configuration") {
  const Fields before = configuration_of(example());
  const auto differs = [&](void (*change)(Run&)) {
    Run run = example();
    change(run);
    return configuration_of(run) != before;
  };
  CHECK(differs([](Run& run) { run.accounting = false; }));
  CHECK(differs([](Run& run) { run.trace = true; }));
  CHECK(differs([](Run& run) { run.driver_options["threads-per-rank"] = "2"; }));
  CHECK(differs([](Run& run) { run.bind = "none"; }));
  CHECK_FALSE(differs([](Run& run) { run.workers = 8; }));  // another point of the same curve
}

TEST_CASE("identity: the machine, the build and the cluster are the environment") {
  const Fields before = environment_of(example());
  Run run = example();
  run.machines.resize(1);
  run.machines[0].cpu = "Abacus 3000";
  run.build.type = "Debug";
  run.job.emplace();
  run.job->cluster = "summit";
  const Fields after = environment_of(run);
  CHECK(before.at("cluster") == "none");
  CHECK(after.at("cluster") == "summit");
  CHECK(after.at("cpu") == "Abacus 3000");
  CHECK(after.at("type") == "Debug");
  run.machines.push_back(run.machines[0]);
  run.machines[1].cpu.reset();
  CHECK(environment_of(run).at("cpu") == "Abacus 3000 + unknown");
}
