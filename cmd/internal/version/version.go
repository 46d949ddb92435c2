// Package version reports which version of this module a program was built from.
package version

import "runtime/debug"

// String returns the version that Go recorded in the program: a tag if it was
// installed from one, or a pseudo-version of the commit if it was built in a clone.
// Without either, it is "devel".
func String() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "devel"
	}
	return info.Main.Version
}
