# cmake --install: the programs, the kit around them, and the package that find_package(scalelab) finds.
# All paths in it are relative, so that the prefix may be moved.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(programs ${CMAKE_INSTALL_LIBEXECDIR}/scalelab)
set(kit ${CMAKE_INSTALL_DATADIR}/scalelab)  # laid out as the source tree is
set(headers ${CMAKE_INSTALL_INCLUDEDIR}/scalelab)
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/scalelab)

# ---- what people run ----------------------------------------------------------------------------

list(TRANSFORM SCALELAB_DRIVERS PREPEND driver_ OUTPUT_VARIABLE targets)
install(TARGETS ${targets} DESTINATION ${programs}/drivers)
list(TRANSFORM SCALELAB_RESULTS PREPEND results_ OUTPUT_VARIABLE targets)
install(TARGETS ${targets} DESTINATION ${programs}/results)
install(DIRECTORY results/figures DESTINATION ${programs}/results FILES_MATCHING PATTERN "*.gp")

install(PROGRAMS lab DESTINATION ${kit})
install(FILES README.md LICENSE DESTINATION ${kit})
install(DIRECTORY docs slurm DESTINATION ${kit} USE_SOURCE_PERMISSIONS)
install(DIRECTORY kernels/data DESTINATION ${kit}/kernels)
install(FILES results/README.md DESTINATION ${kit}/results)
install(DIRECTORY results/reference DESTINATION ${kit}/results PATTERN make.sh EXCLUDE)

# From the kit to its programs (slurm/programs.sh), and from where people look for programs to the kit.
set(folder ${CMAKE_CURRENT_BINARY_DIR}/install)
file(RELATIVE_PATH way ${CMAKE_INSTALL_FULL_DATADIR}/scalelab ${CMAKE_INSTALL_FULL_LIBEXECDIR}/scalelab)
file(WRITE ${folder}/installed "${way}\n")
install(FILES ${folder}/installed DESTINATION ${kit})
file(RELATIVE_PATH way ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_DATADIR}/scalelab/lab)
file(CREATE_LINK ${way} ${folder}/lab SYMBOLIC)
install(FILES ${folder}/lab DESTINATION ${CMAKE_INSTALL_BINDIR})

# ---- the package --------------------------------------------------------------------------------

set(targets flags kernels results common cpu_check)
list(TRANSFORM SCALELAB_DRIVERS PREPEND main_ OUTPUT_VARIABLE mains)
list(APPEND targets ${mains})
foreach(name IN LISTS targets)
  set_target_properties(scalelab_${name} PROPERTIES EXPORT_NAME ${name})
endforeach()
list(TRANSFORM targets PREPEND scalelab_)
install(TARGETS ${targets} EXPORT scalelab
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}/scalelab
  OBJECTS DESTINATION ${CMAKE_INSTALL_LIBDIR}/scalelab
  INCLUDES DESTINATION ${headers})
install(EXPORT scalelab NAMESPACE scalelab:: FILE scalelab-targets.cmake DESTINATION ${package})

install(DIRECTORY kernels results DESTINATION ${headers} FILES_MATCHING PATTERN "*.hpp"
  PATTERN data EXCLUDE PATTERN figures EXCLUDE PATTERN reference EXCLUDE)
install(DIRECTORY drivers/common DESTINATION ${headers}/drivers FILES_MATCHING PATTERN "*.hpp")

configure_package_config_file(drivers/scalelab-config.cmake.in ${folder}/scalelab-config.cmake
  INSTALL_DESTINATION ${package} NO_SET_AND_CHECK_MACRO NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file(${folder}/scalelab-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${folder}/scalelab-config.cmake ${folder}/scalelab-config-version.cmake drivers/programs.cmake
  kernels/registry.cmake kernels/registry.cpp.in kernels/code.cmake DESTINATION ${package})
