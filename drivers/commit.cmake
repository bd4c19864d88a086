# Writes a source file with Git's commit, at each build: the commit may have changed though no source
# did. The file is left alone if it says so already, so that nothing is built again for nothing.
# cmake -DOUTPUT=FILE -DSOURCES=FOLDER -P commit.cmake
set(commit "")
set(changed false)

# Only a repository of the kit's own: a parent folder's commits say nothing about the kit.
find_program(GIT git)
if(GIT AND EXISTS "${SOURCES}/.git")
  foreach(variable GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE)
    unset(ENV{${variable}})  # as in a hook, of whatever repository
  endforeach()
  execute_process(COMMAND "${GIT}" -C "${SOURCES}" rev-parse --verify HEAD
    OUTPUT_VARIABLE head RESULT_VARIABLE failed ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(NOT failed)
    execute_process(
      COMMAND "${GIT}" --no-optional-locks -C "${SOURCES}" status --porcelain --untracked-files=no
      OUTPUT_VARIABLE changes RESULT_VARIABLE failed ERROR_QUIET)
  endif()
  if(NOT failed)
    set(commit "${head}")
    if(changes)
      set(changed true)
    endif()
  endif()
endif()

file(CONFIGURE OUTPUT "${OUTPUT}" CONTENT [[
#include "drivers/common/machine/commit.hpp"

const char* scalelab::commit() { return "@commit@"; }
bool scalelab::changed_since_commit() { return @changed@; }
]] @ONLY)
