# Which launcher starts programs of the MPI that was found: another MPI's mpirun would start as many
# programs of one rank each. Sets MPIEXEC_EXECUTABLE.
include(CheckCXXSymbolExists)
set(CMAKE_REQUIRED_LIBRARIES MPI::MPI_CXX)
check_cxx_symbol_exists(OPEN_MPI mpi.h SCALELAB_MPI_IS_OPEN_MPI_${MPI_CXX_HEADER_DIR})
unset(CMAKE_REQUIRED_LIBRARIES)
set(is_open_mpi "${SCALELAB_MPI_IS_OPEN_MPI_${MPI_CXX_HEADER_DIR}}")
# Others than Open MPI descend from MPICH.
set(family "MPICH")
if(is_open_mpi)
  set(family "Open MPI")
endif()

# Before all others what the user has named; then the neighbours of the compiler's wrapper:
# mpicxx.mpich has mpirun.mpich.
set(candidates ${given_mpiexec})
if(MPI_CXX_COMPILER)
  cmake_path(GET MPI_CXX_COMPILER PARENT_PATH folder)
  cmake_path(GET MPI_CXX_COMPILER EXTENSION LAST_ONLY suffix)
  foreach(ending "${suffix}" "${MPI_EXECUTABLE_SUFFIX}" "" .openmpi .mpich)
    list(APPEND candidates ${folder}/mpirun${ending} ${folder}/mpiexec${ending})
  endforeach()
endif()
list(APPEND candidates ${MPIEXEC_EXECUTABLE})
set(mpirun "")
foreach(candidate IN LISTS candidates)
  if(NOT EXISTS "${candidate}")
    continue()
  endif()
  execute_process(COMMAND "${candidate}" --version TIMEOUT 10
    RESULT_VARIABLE failed OUTPUT_VARIABLE said ERROR_VARIABLE said)
  if(failed)
    continue()
  endif()
  if((said MATCHES "Open ?MPI|OpenRTE|PRRTE" AND is_open_mpi) OR
     (NOT said MATCHES "Open ?MPI|OpenRTE|PRRTE" AND NOT is_open_mpi))
    set(mpirun "${candidate}")
    break()
  endif()
endforeach()
if(mpirun)
  set(MPIEXEC_EXECUTABLE "${mpirun}" CACHE FILEPATH "The launcher that belongs to the MPI" FORCE)
  set(SCALELAB_FOUND_MPIEXEC "${mpirun}" CACHE INTERNAL "")
else()
  message(WARNING "No mpirun belongs to the MPI that was found (${MPI_CXX_HEADER_DIR}): ranks can be "
                  "started by srun only, or name one with -DMPIEXEC_EXECUTABLE=")
endif()

# scalelab_pairing(TARGET): beside a program for MPI a file that tells slurm/launch/pairing.sh who starts it
set_property(GLOBAL PROPERTY SCALELAB_PAIRING "${mpirun}\n${family}\n")
function(scalelab_pairing target)
  get_property(pairing GLOBAL PROPERTY SCALELAB_PAIRING)
  file(GENERATE OUTPUT "$<TARGET_FILE_DIR:${target}>/mpi.launcher" CONTENT "${pairing}")
endfunction()
