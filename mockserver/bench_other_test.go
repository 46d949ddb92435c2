//go:build !unix

package mockserver_test

import "testing"

// measureCPU reports nothing: this system does not report CPU time.
func measureCPU(*testing.B) (report func()) { return func() {} }
