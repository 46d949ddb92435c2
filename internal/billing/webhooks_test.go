package billing

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWebhooks(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	create := CreateWebhook{MerchantID: s.merchant.ID, Name: "a", URL: "https://a.example"}
	first := must(s, create)
	must(s, create)
	must(s, create)
	require.Equal(t, CodeConflict, rejected(s, create).Code, "three are allowed")

	url := "http://b.example/hook"
	w := must(s, UpdateWebhook{MerchantID: s.merchant.ID, ID: first.ID, URL: &url})
	require.Equal(t, Webhook{Object: first.Object, Name: "a", URL: url}, w)
	must(s, DeleteWebhook{MerchantID: s.merchant.ID, ID: first.ID})
	require.Equal(t, CodeNotFound, rejected(s, DeleteWebhook{MerchantID: s.merchant.ID, ID: first.ID}).Code)
	must(s, create)

	page, err := s.Webhooks(s.merchant.ID, PageParams{})
	require.NoError(t, err)
	require.Len(t, page.Items, 3)
	must(s, CreateCustomer{MerchantID: s.merchant.ID})
	require.ElementsMatch(t, page.Items, s.events[0].Webhooks, "an event names its receivers")
}

func TestBadWebhooks(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	w := must(s, CreateWebhook{MerchantID: s.merchant.ID, Name: "a", URL: "https://a.example"})
	for _, url := range []string{"", "a.example", "ftp://a.example", "https://", "https://a.example/" + strings.Repeat("x", 2048)} {
		require.Equal(t, "url", rejected(s, CreateWebhook{MerchantID: s.merchant.ID, Name: "a", URL: url}).Param, url)
		require.Equal(t, "url", rejected(s, UpdateWebhook{MerchantID: s.merchant.ID, ID: w.ID, URL: &url}).Param, url)
	}
	require.Equal(t, "name", rejected(s, CreateWebhook{MerchantID: s.merchant.ID, Name: " ", URL: w.URL}).Param)
	unchanged, err := s.Webhook(s.merchant.ID, w.ID)
	require.NoError(t, err)
	require.Equal(t, w, unchanged)
}
