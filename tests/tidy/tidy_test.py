#!/usr/bin/env python3
"""The house rules bite: each rule meets a small tree that breaks it, and a clean tree passes all."""
import os
import tempfile
import unittest

import tables
import tidy

CLEAN = {
    "core/CMakeLists.txt": "nova_library(nova_core SOURCES ids.cpp)\n",
    "core/ids.hpp": "// Identifiers.\n#pragma once\n#include <string>\n",
    "core/ids.cpp": '#include "core/ids.hpp"\n',
    "actors/tenant/CMakeLists.txt": "nova_kind(tenant)\nfile(GLOB sources *.cpp)\n",
    "actors/tenant/tenant.hpp": '#pragma once\n#include "core/ids.hpp"\n',
    "actors/tenant/tenant.cpp": '#include "actors/tenant/tenant.hpp"\n',
    "actors/tenant/describe.cpp": '#include "actors/tenant/tenant.hpp"\n',
    "actors/tenant/README.md": "A tenant.\n",
    "tests/actors/CMakeLists.txt": "file(GLOB_RECURSE sources *.cpp)\n",
    "tests/actors/tenant/tenant_test.cpp": '#include "tests/testkit/catch.hpp"\n',
    "tests/actors/tenant/events_v1.jsonl": "{}\n",
    "deploy/packages/build.txt": "g++\nlibsqlite3-dev\n",
    "deploy/packages/test.txt": "@build\ncatch2\n",
}


def breaches(planted):
    """The breaches of the clean tree with `planted` (path -> text, None removes) laid over it."""
    with tempfile.TemporaryDirectory() as root:
        for path, text in {**CLEAN, **planted}.items():
            if text is None:
                continue
            os.makedirs(os.path.join(root, os.path.dirname(path)), exist_ok=True)
            with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                file.write(text)
        tree = tidy.Tree(root)
        for check in tidy.CHECKS:
            check(tree)
        return tree.breaches


class Rules(unittest.TestCase):
    def bites(self, rule, planted, count=1):
        found = breaches(planted)
        self.assertEqual(count, len(found), found)
        self.assertIn(f": {rule}: ", found[0])

    def passes(self, planted):
        self.assertEqual([], breaches(planted))

    def test_a_clean_tree_passes(self):
        self.passes({})

    def test_a_lower_room_may_not_include_a_higher_one(self):
        self.bites("floor", {"core/ids.cpp": '#include "store/store.hpp"\n'})

    def test_rooms_of_one_floor_do_not_include_each_other(self):
        self.bites("floor", {"core/CMakeLists.txt": "ids.cpp", "gateway/CMakeLists.txt": "a.cpp", "gateway/a.cpp": '#include "cli/b.hpp"\n'})

    def test_a_kind_includes_no_other_kind_and_no_store(self):
        self.bites("floor", {"actors/tenant/tenant.cpp": '#include "actors/user/user.hpp"\n'})
        self.bites("floor", {"actors/tenant/tenant.cpp": '#include "store/store.hpp"\n'})

    def test_a_higher_room_includes_lower_ones_freely(self):
        self.passes({"node/CMakeLists.txt": "main.cpp", "node/main.cpp": '#include "core/ids.hpp"\n#include "store/sqlite/sqlite_store.hpp"\n'})

    def test_the_house_includes_no_tests(self):
        self.bites("floor", {"core/ids.cpp": '#include "tests/testkit/await.hpp"\n'})

    def test_paths_begin_at_the_root(self):
        self.bites("include", {"core/ids.cpp": '#include "../core/ids.hpp"\n'})

    def test_a_heavy_library_stays_in_its_rooms(self):
        self.bites("heavy", {"core/ids.cpp": "#include <sqlite3.h>\n"})
        self.passes({"store/sqlite/CMakeLists.txt": "log.cpp", "store/sqlite/log.cpp": "#include <sqlite3.h>\n"})

    def test_a_header_with_a_heavy_library_stays_in_its_folder(self):
        own = {"store/sqlite/CMakeLists.txt": "log.cpp", "store/sqlite/log.hpp": "#pragma once\n#include <sqlite3.h>\n",
               "store/sqlite/log.cpp": '#include "store/sqlite/log.hpp"\n', "node/CMakeLists.txt": "main.cpp"}
        self.passes(own)
        self.bites("heavy", {**own, "node/main.cpp": '#include "store/sqlite/log.hpp"\n'})
        through = {**own, "store/sqlite/outer.hpp": '#pragma once\n#include "store/sqlite/log.hpp"\n'}
        self.bites("heavy", {**through, "node/main.cpp": '#include "store/sqlite/outer.hpp"\n'})

    def test_each_heavy_library_is_recognised(self):
        samples = {"caf": "caf/actor.hpp", "boost": "boost/beast.hpp", "pqxx": "pqxx/pqxx", "zmq": "zmq.hpp", "spdlog": "spdlog/spdlog.h",
                   "json": "nlohmann/json.hpp", "sqlite": "sqlite3.h", "yaml": "yaml-cpp/yaml.h", "cli11": "CLI/CLI.hpp", "msgpack": "msgpack.hpp",
                   "curl": "curl/curl.h", "qrencode": "qrencode.h", "archive": "archive.h", "openssl": "openssl/evp.h"}
        self.assertEqual(set(tables.HEAVY), set(samples))
        for library, header in samples.items():
            found = breaches({"actors/tenant/tenant.hpp": f"#pragma once\n#include <{header}>\n"})
            self.assertTrue(any(f": heavy: {library} " in line for line in found), (library, found))

    def test_switches_of_the_simulation_stay_in_tests(self):
        self.bites("simulation", {"actors/tenant/tenant.cpp": 'void f() { if (planted("x")) return; }\n'})
        self.bites("simulation", {"actors/tenant/tenant.cpp": 'void f() { reached("x"); }\n'})
        self.bites("simulation", {"core/CMakeLists.txt": "nova_library(nova_core SOURCES ids.cpp ../tests/simulation/marks.cpp)\n"})

    def test_the_node_without_checks_stays_in_tests(self):
        self.bites("simulation", {"node/CMakeLists.txt": "nova_executable(novad SOURCES main.cpp ../tests/borders/open_judge.cpp)\n"})
        self.bites("simulation", {"actors/tenant/tenant.cpp": 'const char* rule = "borders_are_open";\n'})

    def test_routes_say_who_asks(self):
        self.bites("banned", {"gateway/CMakeLists.txt": "routes/tree.cpp", "gateway/routes/tree.cpp": "void f() { behind.store.documents(query); }\n"})
        self.passes({"gateway/CMakeLists.txt": "reads.cpp", "gateway/reads.cpp": "void f() { behind_.store.documents(query); }\n"})

    def test_banned_calls_name_their_replacement(self):
        for code in ("std::thread t(run);", "caf::scoped_actor self{system};", "int x = rand();", 'std::system("ls");', "strcpy(a, b);",
                     "auto t = localtime(&now);", "std::random_device d;", "std::chrono::system_clock::now();", "std::regex r(text);"):
            with self.subTest(code):
                self.bites("banned", {"actors/tenant/tenant.cpp": f"void f() {{ {code} }}\n"})

    def test_banned_words_in_comments_and_strings_are_words(self):
        self.passes({"core/ids.cpp": '// never rand() or std::thread\nconst char* s = "rand()";\n'})

    def test_threads_live_in_adapters(self):
        self.passes({"gateway/CMakeLists.txt": "a.cpp", "gateway/a.cpp": "std::thread t;\n"})

    def test_tests_never_sleep(self):
        for code in ("std::this_thread::sleep_for(1s);", "usleep(5);"):
            self.bites("banned", {"tests/actors/tenant/tenant_test.cpp": code + "\n"})
        self.bites("banned", {"tests/dev/x.py": "import time\ntime.sl" "eep(1)\n"})

    def test_walking_an_unordered_container_is_found(self):
        walk = "std::unordered_map<int, int> by_id;\nvoid f() { for (auto& x : by_id) g(x); }\n"
        self.bites("unordered", {"actors/tenant/tenant.cpp": walk})
        self.bites("unordered", {"actors/tenant/tenant.hpp": "#pragma once\nstruct S { std::unordered_set<int> ids_; };\n",
                                 "actors/tenant/tenant.cpp": "void S::f() { for (int id : ids_) g(id); }\n"})
        self.passes({"actors/tenant/tenant.cpp": walk.replace("unordered_map", "map")})
        self.passes({"actors/tenant/tenant.cpp": walk.replace("void f", "// Any order: a sum.\nvoid f")})

    def test_a_kind_brings_its_page_description_and_tests(self):
        for path in ("actors/tenant/README.md", "actors/tenant/describe.cpp", "tests/actors/tenant/tenant_test.cpp", "tests/actors/tenant/events_v1.jsonl"):
            with self.subTest(path):
                self.bites("kind", {path: None})

    def test_a_source_that_nobody_builds_is_found(self):
        self.bites("unbuilt", {"core/lost.cpp": "\n"})
        self.bites("unbuilt", {"node/lost.cpp": "\n"})

    def test_long_files_and_crowded_folders_are_found(self):
        self.bites("long", {"core/ids.cpp": "\n" * (tables.LINES_MAX + 1)})
        self.bites("crowded", {f"docs/page_{n}.md": "\n" for n in range(tables.FOLDER_FILES_MAX + 1)})

    def test_unfinished_words_and_machine_paths_are_found(self):
        self.bites("leftover", {"core/ids.cpp": "// TO" "DO: later\n"})
        self.bites("machine", {"docs/a.md": "see /ho" "me/amy/notes\n"})
        self.passes({"docs/a.md": "GET /v1/roots, docs/work/x and $HOME\n"})

    def test_headers_open_no_namespace_and_are_included_once(self):
        self.bites("using", {"core/ids.hpp": "#pragma once\nusing namespace std;\n"})
        self.bites("once", {"core/ids.hpp": "#include <string>\n"})

    def test_files_are_snake_case(self):
        self.bites("name", {"core/CMakeLists.txt": "ids.cpp BigFile.cpp", "core/BigFile.cpp": "\n"})

    def test_what_cmake_asks_for_is_in_a_package_list(self):
        self.bites("package", {"core/CMakeLists.txt": "find_package(CURL REQUIRED)\nids.cpp\n"})
        self.bites("package", {"core/CMakeLists.txt": "find_package(Unheard REQUIRED)\nids.cpp\n"})
        self.passes({"tests/testkit/CMakeLists.txt": "find_package(Catch2 REQUIRED)\n"})

    def test_what_sources_include_is_in_the_build_list(self):
        self.bites("package", {"cli/CMakeLists.txt": "a.cpp", "cli/a.cpp": "#include <curl/curl.h>\n"})


if __name__ == "__main__":
    unittest.main()
