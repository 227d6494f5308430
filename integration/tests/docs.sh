#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the documentation as it is written, and compares what is printed with
# what the page says (harness/pages.sh).  The tutorials begin with machines that
# nobody has set up, the other pages with a cluster of three.
set -euo pipefail
# shellcheck source=../harness/cluster.sh
. "$(dirname "$0")/../harness/cluster.sh"
# shellcheck source=../harness/pages.sh
. "$TREE/integration/harness/pages.sh"

test_cleanup() { quickstart down; }

pages=(docs/tutorial/*.md)
[[ -e ${pages[0]} ]] || skip "there is no docs/tutorial"
for page in "${pages[@]}"; do
	case_name "the commands of $page work and print what it says"
	quickstart down
	quickstart up --no-join 3 >/dev/null
	run_page "$page" strict
	expect_nothing_restarted
done

for page in docs/how-to/*.md docs/reference/*.md; do
	# The API's recipes are for api.sh, which has their program; machines with
	# systemd are lab_install.sh's, and one that is no member is afar.sh's.
	steps=$(page_steps "$page")
	[[ -n $steps && $page != */api.md && $steps != *machine[1-9]* &&
		$steps != *laptop* ]] || continue
	case_name "the commands of $page work as written"
	quickstart down
	quickstart up >/dev/null
	run_page "$page" loose
	expect_nothing_restarted
done

case_name "the session of README.md works and prints what it says"
quickstart down
run_page README.md strict
finish
