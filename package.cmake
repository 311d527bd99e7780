# What an installation consists of, and the Debian package of it: `cpack -G DEB` in the build's folder, or ./dev package.
include(GNUInstallDirs)
find_program(GZIP gzip REQUIRED)

# The texts come from the binary itself, so that they are of its version.
function(text_of_assay what file)
  add_custom_command(OUTPUT ${CMAKE_BINARY_DIR}/${file} DEPENDS assay
    COMMAND $<TARGET_FILE:assay> texts ${what} > ${CMAKE_BINARY_DIR}/${file} VERBATIM)
endfunction()
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/texts)
text_of_assay(bash texts/assay)
text_of_assay(zsh texts/_assay)
text_of_assay(man texts/assay.1)
add_custom_command(OUTPUT ${CMAKE_BINARY_DIR}/texts/assay.1.gz DEPENDS ${CMAKE_BINARY_DIR}/texts/assay.1
  COMMAND ${GZIP} -9nk -f ${CMAKE_BINARY_DIR}/texts/assay.1)
add_custom_target(texts ALL DEPENDS ${CMAKE_BINARY_DIR}/texts/assay ${CMAKE_BINARY_DIR}/texts/_assay
  ${CMAKE_BINARY_DIR}/texts/assay.1.gz)

install(TARGETS assay RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES ${CMAKE_BINARY_DIR}/texts/assay.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${CMAKE_BINARY_DIR}/texts/assay DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${CMAKE_BINARY_DIR}/texts/_assay DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "Assay <maintainers@assay.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "tells what to change about a slow database")
set(CPACK_PACKAGE_DESCRIPTION
  "Reads the query logs of PostgreSQL, MySQL and MariaDB, measures what each query costs, recommends indexes and result
caches that PostgreSQL's own planner has checked, and forecasts what each would bring in throughput.")
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION database)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "postgresql-15")  # the planner; without it costs are estimated
include(CPack)
