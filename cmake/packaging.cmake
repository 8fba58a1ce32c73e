# What is installed where, and the Debian package made of it: `cpack --config build/CPackConfig.cmake`.
include(GNUInstallDirs)
# A package needs the programs, not every test.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)

foreach(program novad novactl nova-keeper)
  if(TARGET ${program})
    install(TARGETS ${program} RUNTIME DESTINATION bin)
  endif()
endforeach()
install(FILES deploy/systemd/novad.service DESTINATION lib/systemd/system)
install(FILES config/novad.yaml DESTINATION /etc/webnova)
install(FILES config/permissions.json config/tiers.json config/webhook_events.json DESTINATION share/webnova)
# The console, where it was built (./dev up, ./dev test): a node without it serves its API and the sign-in page.
install(DIRECTORY ${CMAKE_BINARY_DIR}/console/ DESTINATION share/webnova/console OPTIONAL)
install(FILES README.md CHANGELOG.md DESTINATION share/doc/webnova)
install(FILES LICENSE DESTINATION share/doc/webnova RENAME copyright)
install(DIRECTORY docs DESTINATION share/doc/webnova)
install(DIRECTORY config/examples DESTINATION share/doc/webnova PATTERN __pycache__ EXCLUDE)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_PACKAGE_NAME webnova)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_VENDOR WebNova)
set(CPACK_PACKAGE_CONTACT "WebNova developers <developers@webnova.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "governed actor runtime for digital platforms")
set(CPACK_PACKAGE_DESCRIPTION
    "Turns blueprints of platforms into supervised services that heal themselves.
 Every command passes a gate, every change is an event in one log, and services
 live on while the node is restarted or upgraded.")
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "adduser, haproxy (>= 2.6)")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
    "${CMAKE_SOURCE_DIR}/deploy/debian/conffiles;${CMAKE_SOURCE_DIR}/deploy/debian/postinst;${CMAKE_SOURCE_DIR}/deploy/debian/prerm;${CMAKE_SOURCE_DIR}/deploy/debian/postrm")
include(CPack)
