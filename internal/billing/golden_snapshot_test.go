package billing

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// testdata/snapshot-1.json was written before requests were packed, together with what the engine returned for its
// reads.
func TestASnapshotOfVersion1(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/snapshot-1.json")
	require.NoError(t, err)
	want, err := os.ReadFile("testdata/snapshot-1.reads.json")
	require.NoError(t, err)
	e := New(Config{})
	require.NoError(t, e.Restore(data, time.Time{}))
	require.Equal(t, string(want), string(readsOf(t, e)))
	data, err = e.Snapshot().JSON()
	require.NoError(t, err)
	again := New(Config{})
	require.NoError(t, again.Restore(data, time.Time{}))
	require.Equal(t, string(want), string(readsOf(t, again)))
}

// readsOf returns the results of an engine's reads.
func readsOf(t *testing.T, e *Engine) []byte {
	t.Helper()
	var reads []any
	for _, id := range e.MerchantIDs() {
		requests, err := e.Requests(id, RequestFilter{}, PageParams{Limit: 100}, e.Now())
		require.NoError(t, err)
		days, total, err := e.Usage(id, UsageFilter{Start: e.Now().AddDate(0, 0, -40), End: e.Now()}, e.Now())
		require.NoError(t, err)
		reads = append(reads, requests.Items, days, total)
		customers, err := e.Customers(id, PageParams{Limit: 100})
		require.NoError(t, err)
		for _, c := range customers.Items {
			entries, err := e.Ledger(id, c.ID)
			require.NoError(t, err)
			reads = append(reads, entries)
		}
	}
	data, err := json.MarshalIndent(reads, "", "  ")
	require.NoError(t, err)
	return append(data, '\n')
}
