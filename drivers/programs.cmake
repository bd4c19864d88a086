# Programs of the drivers, for the kernels of a registry: for the kit, its tests, and whoever adds
# kernels to an installed kit. SCALELAB_DRIVERS are the drivers, SCALELAB_KERNELS the kit's kernels.

# scalelab_driver(TARGET NAME REGISTRY): the program NAME for the kernels of a registry
function(scalelab_driver target name registry)
  add_executable(${target})
  set_target_properties(${target} PROPERTIES OUTPUT_NAME ${name} LINKER_LANGUAGE CXX)
  target_link_libraries(${target} PRIVATE scalelab::before_main scalelab::main_${name} ${registry} ${registry}_code)
endfunction()

# scalelab_drivers(PREFIX REGISTRY FOLDER): all drivers; their targets are PREFIX_NAME
function(scalelab_drivers prefix registry folder)
  foreach(name IN LISTS SCALELAB_DRIVERS)
    scalelab_driver(${prefix}_${name} ${name} ${registry})
    set_target_properties(${prefix}_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${folder})
  endforeach()
endfunction()

# scalelab_add_kernels(TARGET NAME...): all drivers in the folder `drivers` of the build, which know
# kernels of one's own besides those of the kit. `my-kernel` stands for my_kernel.cpp, which defines
# KernelDescription describe_my_kernel(). What they need besides is added to TARGET, a library:
# target_sources, target_link_libraries(TARGET PUBLIC ...).
function(scalelab_add_kernels target)
  if(NOT ARGN)
    message(FATAL_ERROR "scalelab_add_kernels(${target}): expected the names of kernels behind it")
  endif()
  if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug, Release or RelWithDebInfo" FORCE)
    set(CMAKE_BUILD_TYPE Release)
  endif()
  scalelab_registry(${target} ${SCALELAB_KERNELS} ${ARGN})
  foreach(name IN LISTS ARGN)
    string(REPLACE "-" "_" id "${name}")
    target_sources(${target} PRIVATE ${id}.cpp)
  endforeach()
  scalelab_drivers(${target} ${target} ${CMAKE_CURRENT_BINARY_DIR}/drivers)
endfunction()
