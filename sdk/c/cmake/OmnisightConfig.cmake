# find_package(Omnisight 0.1 REQUIRED)
# target_link_libraries(program PRIVATE Omnisight::omnisight)
get_filename_component(_omnisight_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
if(NOT TARGET Omnisight::omnisight)
  add_library(Omnisight::omnisight SHARED IMPORTED)
  set_target_properties(Omnisight::omnisight PROPERTIES
    IMPORTED_LOCATION "${_omnisight_prefix}/lib/libomnisight.so"
    IMPORTED_SONAME "libomnisight.so.0"
    INTERFACE_INCLUDE_DIRECTORIES "${_omnisight_prefix}/include")
endif()
unset(_omnisight_prefix)
