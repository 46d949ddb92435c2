package dashboard_test

import (
	"html"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/mockserver"
	"github.com/lavapayments/lava-go/mockserver/dashboard"
)

// Each armed thing has its own button. On the page of one of several merchants, what is armed for all has none.
func TestDisarmOnThePage(t *testing.T) {
	t.Parallel()
	s := start(t)
	tenant := s.NewMerchant()
	outage, other := s.Fail(mockserver.Failure{Status: 503}), s.Decline(mockserver.Decline{})
	its := tenant.Script(mockserver.Reply{Text: "Hello."})[0]
	for _, id := range []string{outage, other} {
		require.Contains(t, get(t, s, "faults"), `value="`+id+`"`)
	}
	require.NotContains(t, get(t, s, "faults"), its)
	page := get(t, s, "m/"+tenant.ID()+"/faults")
	require.Contains(t, page, `value="`+its+`"`)
	require.NotContains(t, page, `value="`+outage+`"`)

	disarm := func(base, id string, status int) string {
		w := ask(t, s, "POST", dashboard.Path+base+"do/failures.disarm", url.Values{"id": {id}}, "X-Fragment", "1")
		require.Equal(t, status, w.Code, w.Body)
		return html.UnescapeString(w.Body.String())
	}
	said := disarm("", outage, 200)
	require.Contains(t, said, `s.Disarm("`+outage+`")`)
	require.Contains(t, said, "lavamock disarm id="+outage)
	require.Contains(t, disarm("", outage, 404), "nothing that is armed has the id")
	require.Contains(t, disarm("m/"+tenant.ID()+"/", other, 404), "nothing that is armed has the id")
	require.Contains(t, disarm("m/"+tenant.ID()+"/", its, 200), `tenant.Disarm("`+its+`")`)
	require.Len(t, s.Armed(), 1)
	require.Contains(t, disarm("", "", 200), "s.Disarm()")
	require.Empty(t, s.Armed())
}
