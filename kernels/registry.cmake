# scalelab_registry(TARGET NAME...): object libraries TARGET, which knows the kernels NAME..., and
# TARGET_code, which knows what code they are and how it was compiled. TARGET may get sources of its own.
# For the kit, its tests, and whoever adds kernels to an installed kit.
function(scalelab_registry target)
  set(here ${CMAKE_CURRENT_FUNCTION_LIST_DIR})
  set(KERNEL_DECLARATIONS "")
  set(KERNEL_CALLS "")
  foreach(name IN LISTS ARGN)
    string(REPLACE "-" "_" id "${name}")
    string(APPEND KERNEL_DECLARATIONS "KernelDescription describe_${id}();\n")
    list(APPEND KERNEL_CALLS "describe_${id}()")
  endforeach()
  list(JOIN KERNEL_CALLS ", " KERNEL_CALLS)
  configure_file(${here}/registry.cpp.in ${CMAKE_CURRENT_BINARY_DIR}/${target}.cpp @ONLY)
  add_library(${target} OBJECT ${CMAKE_CURRENT_BINARY_DIR}/${target}.cpp)
  target_link_libraries(${target} PUBLIC scalelab::kernels)

  # Which code this is; once more an object, made when all others are there.
  set(code ${CMAKE_CURRENT_BINARY_DIR}/${target}_code.cpp)
  add_custom_command(OUTPUT ${code}
    COMMAND ${CMAKE_COMMAND} -DOUTPUT=${code}
      "-DFILES=$<TARGET_FILE:scalelab::kernels>,$<JOIN:$<TARGET_OBJECTS:${target}>,,>"
      -P ${here}/code.cmake
    DEPENDS $<TARGET_FILE:scalelab::kernels> ${target} $<TARGET_OBJECTS:${target}>
    VERBATIM)
  add_library(${target}_code OBJECT ${code})
  target_link_libraries(${target}_code PRIVATE scalelab::kernels)

  # What only the record tells. The flags are those of the kernels, without warnings.
  string(TOUPPER "${CMAKE_BUILD_TYPE}" build_type)
  string(CONCAT flags "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${build_type}} "
    "${CMAKE_CXX20_EXTENSION_COMPILE_OPTION}")
  string(REGEX REPLACE " +" " " flags "${flags}")
  string(STRIP "${flags}" flags)
  string(REGEX REPLACE "([\\\"])" "\\\\\\1" flags "${flags}")
  set(options "$<TARGET_PROPERTY:${target},COMPILE_OPTIONS>")
  target_compile_definitions(${target}_code PRIVATE
    SCALELAB_COMPILER="${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}"
    SCALELAB_FLAGS="${flags} $<JOIN:$<FILTER:${options},EXCLUDE,^-W>, >"
    SCALELAB_BUILD_TYPE="${CMAKE_BUILD_TYPE}")
endfunction()
