#!/usr/bin/env bash
# Does what docs/getting-started.md says, from its own blocks, and prints how long it took: installs the library, makes a
# project, prints a gradient, on the class path and on the module path.
#
#   scripts/first-gradient.sh          with your local repository
#   scripts/first-gradient.sh FOLDER   with a local repository of its own there; a new one is filled from Maven Central first
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
page=$root/docs/getting-started.md
project=$(mktemp -d)
trap 'rm -rf "$project"' EXIT
maven=(mvn -B -q -ntp)
if [ $# -gt 0 ]; then
  mkdir -p "$1"
  maven+=("-Dmaven.repo.local=$(cd "$1" && pwd)")
fi

# The first block of the page in a language that has some text.
block() {
  awk -v language="$1" -v text="$2" '
    $0 == "```" language { within = 1; block = ""; next }
    $0 == "```" && within { within = 0; if (index(block, text)) { printf "%s", block; exit } }
    within { block = block $0 "\n" }' "$page"
}

seconds() { echo "first-gradient: $1 after $SECONDS s"; }

cd "$root"
"${maven[@]}" install -DskipTests -pl nn,testing,bom -am
seconds 'installed'

mkdir -p "$project/src/main/java"
cd "$project"
block xml '<artifactId>first<' > pom.xml
block java 'class First' > src/main/java/First.java
printed=$("${maven[@]}" compile exec:exec 2>/dev/null | sed 's/\x1b\[[0-9;]*m//g') # Maven ends its own colours
seconds 'a gradient'
if ! grep -Fxq -- "$printed" "$page"; then
  echo "first-gradient: printed '$printed', not what the page says" >&2
  exit 1
fi

mkdir src/main/java/first
{ echo 'package first;'; cat src/main/java/First.java; } > src/main/java/first/First.java
rm src/main/java/First.java
block java 'module first' > src/main/java/module-info.java
"${maven[@]}" compile dependency:copy-dependencies
sed -i 's|<commandlineArgs>.*<|<commandlineArgs>--module-path target/classes:target/dependency --module first/first.First<|' pom.xml
"${maven[@]}" compile exec:exec
seconds 'the same on the module path'
