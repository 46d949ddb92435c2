//go:build unix

package lava_test

import (
	"syscall"
	"testing"
	"time"
)

// BenchmarkClientRatio compares the CPU time of a call with that of the same call by hand. They take turns, so that
// other work of the machine affects both.
func BenchmarkClientRatio(b *testing.B) {
	calls := clientCalls(b)
	for _, method := range []string{"get", "post"} {
		b.Run(method, func(b *testing.B) {
			const turn = 200
			var floor, client time.Duration
			for b.Loop() {
				floor += cpuOf(b, turn, calls[method+"/floor"])
				client += cpuOf(b, 2*turn, calls[method+"/lava"])
				floor += cpuOf(b, turn, calls[method+"/floor"])
			}
			b.ReportMetric(float64(client)/float64(floor), "cpu-ratio")
		})
	}
}

func cpuOf(tb testing.TB, n int, call func()) time.Duration {
	tb.Helper()
	before := cpuTime(tb)
	for range n {
		call()
	}
	return cpuTime(tb) - before
}

func cpuTime(tb testing.TB) time.Duration {
	tb.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		tb.Skip("no CPU time on this system")
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
