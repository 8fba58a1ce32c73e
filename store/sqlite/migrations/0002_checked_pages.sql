-- From this schema on, the pages of a new file carry checksums (store/sqlite/disk/checked_files.hpp). Nothing changes in the
-- tables; but an older node, which knows no checksums, would write pages without them, and so must not open the file.
SELECT 1;
