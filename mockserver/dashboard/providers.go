package dashboard

import (
	"html/template"
	"net/url"
	"slices"
	"strconv"

	"github.com/lavapayments/lava-go/mockserver"
)

// pageTries is how many requests to providers a page shows. All requests of a call are on one page, so it may be a few
// more.
const pageTries = 100

// tryRow is a request to a provider in a list.
type tryRow struct {
	mockserver.ProviderCall
	Link  string
	When  template.HTML
	Class string
	Said  string // the user's last message
}

func showProviders(v *visit) error {
	data := struct {
		Rows      []tryRow
		Provider  string
		Providers []string
		Older     string
	}{Provider: v.r.URL.Query().Get("provider")}
	before, _ := strconv.Atoi(v.r.URL.Query().Get("before")) // a text that isn't a number counts as 0
	for _, c := range slices.Backward(v.server.LatestCalls(allCalls)) {
		if c.MerchantID != "" && c.MerchantID != v.merchant.ID() || len(c.ProviderCalls) == 0 {
			continue
		}
		if len(data.Rows) >= pageTries && data.Older == "" {
			data.Older = "?" + url.Values{"provider": {data.Provider}, "before": {strconv.Itoa(c.Position + 1)}}.Encode()
		}
		for _, try := range slices.Backward(c.Tries()) {
			if !slices.Contains(data.Providers, try.Provider) {
				data.Providers = append(data.Providers, try.Provider)
			}
			if data.Older == "" && (before == 0 || c.Position < before) && (data.Provider == "" || data.Provider == try.Provider) {
				data.Rows = append(data.Rows, tryRow{try, v.linkOf(c), when(v.now, try.At), statusClass(try.Status), excerpt(try.LastUserText(), 160)})
			}
		}
	}
	slices.Sort(data.Providers)
	return v.show("providers", "Providers", "call all", data)
}
