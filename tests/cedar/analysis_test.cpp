#include "tests/testkit/catch.hpp"
