package lava_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
)

// pagesOf serves a list page by page, by cursor.
func pagesOf(pages map[string]string) func(http.ResponseWriter, *http.Request, int) {
	return func(w http.ResponseWriter, r *http.Request, _ int) {
		page, ok := pages[r.URL.Query().Get("cursor")]
		if !ok {
			writeJSON(w, 500, `{"error":{"message":"broken page","code":"x"}}`)
			return
		}
		writeJSON(w, 200, page)
	}
}

func TestListIsOnePage(t *testing.T) {
	t.Parallel()
	api := newFakeAPI(t, respond(200, `{"data":[{"meter_id":"prd_1"}],"has_more":true,"next_cursor":"n=x&y"}`))
	client := api.client(t)
	page, err := client.Meters.List(t.Context(), lava.ListMetersParams{})
	require.NoError(t, err)
	require.Len(t, page.Data, 1)
	require.True(t, page.HasMore)
	_, err = client.Meters.List(t.Context(), lava.ListMetersParams{Cursor: page.NextCursor, Limit: 100})
	require.NoError(t, err)
	require.Equal(t, "/v1/meters", api.seen()[0].URI)
	require.Equal(t, "/v1/meters?cursor=n%3Dx%26y&limit=100", api.seen()[1].URI)
}

func TestAllWalksOverPages(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		pages   map[string]string
		from    string
		want    string
		wantErr string
	}{
		{"none", map[string]string{"": `{"data":[],"has_more":false}`}, "", "", ""},
		{"three pages, one of them empty", map[string]string{
			"":  `{"data":[{"meter_id":"1"},{"meter_id":"2"}],"has_more":true,"next_cursor":"b"}`,
			"b": `{"data":[],"has_more":true,"next_cursor":"c"}`,
			"c": `{"data":[{"meter_id":"3"}],"has_more":false}`,
		}, "", "1 2 3", ""},
		{"from a cursor", map[string]string{"c": `{"data":[{"meter_id":"3"}],"has_more":false}`}, "c", "3", ""},
		{"a page fails", map[string]string{"": `{"data":[{"meter_id":"1"}],"has_more":true,"next_cursor":"gone"}`}, "", "1", "broken page"},
		{"no cursor", map[string]string{"": `{"data":[{"meter_id":"1"}],"has_more":true}`}, "", "1", "no cursor for the next page"},
		{"the same cursor again", map[string]string{
			"":  `{"data":[{"meter_id":"1"}],"has_more":true,"next_cursor":"b"}`,
			"b": `{"data":[{"meter_id":"2"}],"has_more":true,"next_cursor":"b"}`,
		}, "", "1 2", "no cursor for the next page"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			client := newFakeAPI(t, pagesOf(tt.pages)).client(t)
			var ids []string
			var failed error
			walk := client.Meters.All(t.Context(), lava.ListMetersParams{Cursor: tt.from})
			for range 2 { // an iteration can be repeated from the same position
				ids, failed = nil, nil
				for meter, err := range walk {
					require.NoError(t, failed, "nothing follows an error")
					if failed = err; err == nil {
						ids = append(ids, meter.MeterID)
					}
				}
				require.Equal(t, tt.want, strings.Join(ids, " "))
				if tt.wantErr != "" {
					require.ErrorContains(t, failed, tt.wantErr)
				} else {
					require.NoError(t, failed)
				}
			}
		})
	}
}

func TestLeavingAWalkAsksNoMore(t *testing.T) {
	t.Parallel()
	api := newFakeAPI(t, respond(200, `{"data":[{"meter_id":"1"},{"meter_id":"2"}],"has_more":true,"next_cursor":"b"}`))
	for _, err := range api.client(t).Meters.All(t.Context(), lava.ListMetersParams{}) {
		require.NoError(t, err)
		break
	}
	require.Len(t, api.seen(), 1)
}
