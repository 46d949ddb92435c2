//go:build unix

package mockserver_test

import (
	"syscall"
	"testing"
	"time"
)

// measureCPU returns a function that reports the CPU time per operation since, including the client and garbage
// collection. Other work of the machine isn't included, so the ratio to the baseline reflects only this work.
func measureCPU(b *testing.B) (report func()) {
	b.Helper()
	before := cpuTime(b)
	return func() {
		b.ReportMetric(float64(cpuTime(b)-before)/float64(time.Microsecond)/float64(b.N), "cpu-µs/op")
	}
}

func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
