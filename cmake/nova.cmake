# How every room of WebNova is compiled: one place for flags, and three short verbs for the rooms.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

# A room's libraries are found in its own CMakeLists.txt, and every room that links to it must see them.
set(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL ON)
find_package(Threads REQUIRED)
find_program(NOVA_CCACHE ccache)
if(NOVA_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${NOVA_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${NOVA_CCACHE})
endif()
find_program(NOVA_MOLD mold)
if(NOVA_MOLD)
  add_link_options(-fuse-ld=mold)
endif()
# Linking needs much more memory than compiling; two cores gain nothing from two links.
set_property(GLOBAL PROPERTY JOB_POOLS link=1)
set(CMAKE_JOB_POOL_LINK link)

add_compile_options(-Wall -Wextra -Wshadow $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor> -Werror -fno-omit-frame-pointer)
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  # GCC 12 warns falsely about inlined strings and vectors at -O2.
  add_compile_options(-Wno-restrict -Wno-stringop-overflow -Wno-array-bounds -Wno-maybe-uninitialized -Wno-dangling-pointer)
endif()
if(NOVA_SANITIZE)
  add_compile_options(-fsanitize=${NOVA_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${NOVA_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND NOVA_SANITIZE MATCHES "address")
    # The fuzzers steer by coverage, so what they reach must be instrumented too.
    add_compile_options(-fsanitize=fuzzer-no-link)
  endif()
endif()
add_link_options(-Wl,--as-needed -Wl,-z,relro,-z,now)
add_compile_definitions(NOVA_VERSION="${PROJECT_VERSION}")
include_directories(${CMAKE_SOURCE_DIR})

# Compiles a target's sources in batches (see batches.py); NOVA_UNITY=OFF compiles each alone, which is better while one
# file is worked on.
find_package(Python3 COMPONENTS Interpreter)
# Sources in whose place a test links others, so that they must stand alone: what the simulation answers for the machine
# (tests/simulation/ground/machine.cpp), what bugs are planted in (tests/simulation/planted/bugs.py), and what a node that
# checks nothing lacks (tests/borders).
set(NOVA_SEAMS
  core/uuid.cpp store/witness.cpp store/sqlite/files.cpp store/sqlite/lock_file.cpp store/sqlite/disk/head_mark.cpp
  gateway/access.cpp gateway/document_cache.cpp governance/authority/judge.cpp)
file(STRINGS ${CMAKE_SOURCE_DIR}/tests/simulation/planted/bugs.py lines REGEX "^[A-Z]+ = \"")
foreach(line ${lines})
  string(REGEX REPLACE "^[A-Z]+ = \"(.*)\"$" "\\1" line "${line}")
  list(APPEND NOVA_SEAMS ${line})
endforeach()
list(TRANSFORM NOVA_SEAMS PREPEND ${CMAKE_SOURCE_DIR}/)
list(APPEND NOVA_SEAMS ${CMAKE_BINARY_DIR}/governance/constitution/genesis.cpp)

function(nova_batches name)
  set(sources)
  foreach(source ${ARGN})
    get_filename_component(path ${source} ABSOLUTE)
    get_source_file_property(alone ${path} SKIP_UNITY_BUILD_INCLUSION)
    if(EXISTS ${path} AND path MATCHES "\\.cpp$" AND NOT alone AND NOT path IN_LIST NOVA_SEAMS)
      list(APPEND sources ${path})
    endif()
  endforeach()
  list(LENGTH sources count)
  if(NOT NOVA_UNITY OR NOT Python3_FOUND OR count LESS 2)
    return()
  endif()
  execute_process(COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_SOURCE_DIR}/cmake/batches.py ${NOVA_UNITY_LINES} ${sources}
                  OUTPUT_VARIABLE lines RESULT_VARIABLE failed OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(failed)
    message(FATAL_ERROR "cmake/batches.py failed for ${name}")
  endif()
  string(REPLACE "\n" ";" lines "${lines}")
  foreach(line ${lines})
    string(REGEX MATCH "^([0-9]+) (.*)$" line "${line}")
    set_source_files_properties(${CMAKE_MATCH_2} PROPERTIES UNITY_GROUP ${name}_${CMAKE_MATCH_1})
  endforeach()
  set_target_properties(${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  # What one source keeps to itself is in sight of the next one.
  target_compile_options(${name} PRIVATE -Wno-shadow $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
endfunction()

function(nova_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINKS" ${ARGN})
  add_library(${name} STATIC ${arg_SOURCES})
  nova_batches(${name} ${arg_SOURCES})
  target_link_libraries(${name} PUBLIC ${arg_LINKS})
endfunction()

function(nova_executable name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  nova_batches(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_LINKS})
endfunction()

# A test program on Catch2; LABELS are ctest labels (slow, db, net). Fast tests carry none.
function(nova_test name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINKS;LABELS" ${ARGN})
  if(NOT NOVA_TESTS)
    return()
  endif()
  add_executable(${name} ${arg_SOURCES})
  nova_batches(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_LINKS} nova_testkit)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  target_compile_definitions(${name} PRIVATE NOVA_SOURCE_DIR="${CMAKE_SOURCE_DIR}" NOVA_BIN_DIR="${CMAKE_BINARY_DIR}/bin")
  add_test(NAME ${name} COMMAND ${name} --order rand --durations no)
  set_tests_properties(${name} PROPERTIES TIMEOUT 120 LABELS "${arg_LABELS}")
endfunction()

# A program that a script in bench/run starts: prints what it measured as JSON lines.
function(nova_bench name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINKS" ${ARGN})
  if(NOT NOVA_TESTS)
    return()
  endif()
  if(NOT name MATCHES "^bench_")
    message(FATAL_ERROR "${name}: the names of benches begin with bench_")
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_LINKS})
endfunction()

# A libFuzzer target; its smoke of a few seconds is a test of clang's address-sanitizer tree, and of no other. SEEDS names
# a folder of inputs to begin with.
function(nova_fuzz name)
  cmake_parse_arguments(arg "" "SEEDS" "SOURCES;LINKS" ${ARGN})
  if(NOT NOVA_TESTS OR NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang" OR NOT NOVA_SANITIZE MATCHES "address")
    return()
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_LINKS})
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
  add_test(NAME ${name} COMMAND ${name} -seed=20260131 -max_total_time=5 -rss_limit_mb=1024 -timeout=5
           -artifact_prefix=${CMAKE_BINARY_DIR}/fuzz/ -print_final_stats=0 ${arg_SEEDS})
  set_tests_properties(${name} PROPERTIES TIMEOUT 60 LABELS fuzz)
endfunction()

# Adds a room and the folders in it that have a CMakeLists.txt of their own, so that adding one touches nothing else.
function(nova_add_room room)
  if(room STREQUAL "tests" AND NOT NOVA_TESTS)
    return()
  endif()
  if(EXISTS ${CMAKE_SOURCE_DIR}/${room}/CMakeLists.txt)
    add_subdirectory(${room})
  endif()
  file(GLOB folders CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${room}/*/CMakeLists.txt)
  foreach(list_file ${folders})
    get_filename_component(folder ${list_file} DIRECTORY)
    add_subdirectory(${folder})
  endforeach()
endfunction()

enable_testing()
