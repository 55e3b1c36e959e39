#!/usr/bin/env bash
# Does what README.md and docs/getting-started.md say to someone who wants a gradient in a project of their own, from the blocks
# of those pages, and prints how long it took: on the class path, on the module path, with the BOM, in jshell.
#
#   scripts/first-gradient.sh          with your local repository
#   scripts/first-gradient.sh FOLDER   with a local repository of its own there; a new one is filled from Maven Central first
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
project=$(mktemp -d)
trap 'rm -rf "$project"' EXIT
maven=(mvn -B -q -ntp)
repository=$HOME/.m2/repository
if [ $# -gt 0 ]; then
  mkdir -p "$1"
  repository=$(cd "$1" && pwd)
  maven+=("-Dmaven.repo.local=$repository")
fi

# The first block of a page in a language that has some text.
block() {
  awk -v language="$2" -v text="$3" '
    $0 == "```" language { within = 1; block = ""; next }
    $0 == "```" && within { within = 0; if (index(block, text)) { printf "%s", block; exit } }
    within { block = block $0 "\n" }' "$root/$1"
}

seconds() { echo "first-gradient: $1 after $SECONDS s"; }

fail() {
  echo "first-gradient: $1" >&2
  exit 1
}

plain() { sed 's/\x1b\[[0-9;]*m//g'; } # Maven ends its own colours

# Compiles and runs the program; its last line must be what the main page says. Leaves the error stream in `errors`.
prints() {
  local printed
  printed=$("${maven[@]}" compile exec:exec "$@" 2>errors | plain) || fail "$(cat errors; echo "$printed")"
  [ "$printed" = "$expected" ] || fail "printed '$printed', not '$expected'"
}

cd "$root"
"${maven[@]}" install -DskipTests -pl nn,onnx,report,testing,bom -am
for artifact in tensor autograd nn onnx report testing; do
  for kind in .jar -sources.jar -javadoc.jar .pom; do
    compgen -G "$repository/dev/rewind/rewind-$artifact/*/rewind-$artifact-*$kind" >/dev/null || fail "no $artifact$kind was installed"
  done
done
seconds 'installed'

cd "$project"
mkdir -p src/main/java/com/example
block README.md xml '<artifactId>first<' > pom.xml
block README.md java 'class First' > src/main/java/com/example/First.java
expected=$(sed -n 's|.*// prints ||p' src/main/java/com/example/First.java)
prints
seconds 'a gradient'

prints '-Dexec.args=-cp %classpath com.example.First'
grep -q 'incubator' errors || fail "without the flag nothing is said: $(cat errors)"

block docs/getting-started.md java 'module first' > src/main/java/module-info.java
"${maven[@]}" compile dependency:copy-dependencies
command=$(grep -m 1 '^java --module-path' "$root/docs/getting-started.md")
prints "-Dexec.args=${command#java }"
if plain <errors | grep -v 'Using incubator modules' | grep .; then fail 'the module path is not silent'; fi
seconds 'the same on the module path'

session=$({ sed -n 's/^jshell> //p' "$root/README.md"; echo /exit; } |
  "${maven[@]}" validate exec:exec -Dexec.executable=jshell '-Dexec.args=--module-path target/dependency --add-modules rewind.nn' 2>&1) ||
  fail "jshell says: $session"
grep -Fq "==> $expected" <<<"$session" || fail "jshell says: $session"
seconds 'the same in jshell'

{
  sed '/<dependencies>/,$d' pom.xml
  block docs/getting-started.md xml 'rewind-bom'
  sed '1,/<\/properties>/d; /<version>0.1.0-SNAPSHOT</d' pom.xml
} > with-bom.xml
prints -f with-bom.xml "-Dexec.args=${command#java }"
seconds 'the same with the BOM'
