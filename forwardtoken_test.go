package lava_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
)

// tokenCase is a token of this package and of the Node SDK. The golden tokens in testdata were created by the latter,
// with testdata/tokens.mjs.
type tokenCase struct {
	name    string
	payer   lava.Payer
	gateway bool // as created by the SDK's gateway(), which differs from generateForwardToken()
}

const strange = "a<b>&c\"d\\e/f\u2028g\u2029h\x00\b\f\n\r\t\x1f\x7fé😀\\u2028+"

var tokenCases = []tokenCase{
	{"merchant", lava.ForMerchant{}, false},
	{"merchant, own key", lava.ForMerchant{ProviderKey: lava.NewSecret("sk-1")}, false},
	{"meter", lava.ForMeter{MeterSlug: "chat"}, false},
	{"meter, own key", lava.ForMeter{MeterSlug: "chat", ProviderKey: lava.NewSecret("sk-1")}, false},
	{"customer", lava.ForCustomer{CustomerID: "con_1", MeterSlug: "chat"}, false},
	{"customer, own key", lava.ForCustomer{CustomerID: "con_1", MeterSlug: "chat", ProviderKey: lava.NewSecret("sk-1")}, false},
	{"customer, not billed", lava.ForCustomer{CustomerID: "con_1", MeterSlug: "chat", DisableBilling: true}, false},
	{"customer, all", lava.ForCustomer{CustomerID: "con_1", MeterSlug: "chat", ProviderKey: lava.NewSecret("sk-1"), DisableBilling: true}, false},
	{"provider key", lava.ForProviderKey{Key: lava.NewSecret("sk-1")}, false},
	{"strange characters", lava.ForCustomer{CustomerID: strange, MeterSlug: strange, ProviderKey: lava.NewSecret(strange)}, false},
	{"gateway, merchant", lava.ForMerchant{ProviderKey: lava.NewSecret("sk-1")}, true},
	{"gateway, provider key", lava.ForProviderKey{Key: lava.NewSecret("sk-1")}, true},
	{"gateway, meter", lava.ForMeter{MeterSlug: "chat", ProviderKey: lava.NewSecret("sk-1")}, true},
	{"gateway, customer", lava.ForCustomer{CustomerID: "con_1", MeterSlug: strange, DisableBilling: true}, true},
}

func goldenTokens(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "tokens.json"))
	require.NoError(t, err)
	var golden map[string]string
	require.NoError(t, json.Unmarshal(text, &golden))
	return golden
}

func TestForwardTokensEqualTheNodeSDKs(t *testing.T) {
	t.Parallel()
	golden := goldenTokens(t)
	api := newFakeAPI(t, respond(200, `{}`))
	client := api.client(t)
	for _, tt := range tokenCases {
		t.Run(tt.name, func(t *testing.T) {
			var got string
			if tt.gateway {
				_, err := client.Gateway(t.Context(), "https://api.openai.com/v1/x", lava.GatewayParams{Payer: tt.payer})
				require.NoError(t, err)
				seen := api.seen()
				got = strings.TrimPrefix(seen[len(seen)-1].Header.Get("Authorization"), "Bearer ")
			} else {
				token, err := client.GenerateForwardToken(tt.payer)
				require.NoError(t, err)
				got = token.Reveal()
			}
			require.Contains(t, golden, tt.name)
			if golden[tt.name] != got {
				want, _ := base64.StdEncoding.DecodeString(golden[tt.name])
				have, _ := base64.StdEncoding.DecodeString(got)
				t.Errorf("got  %s\nwant %s", have, want)
			}
		})
	}
	require.Len(t, golden, len(tokenCases))
}

// If the Node SDK is available (LAVA_NODE_SDK is its directory), the golden tokens must equal those that it creates.
func TestGoldenTokensAreCurrent(t *testing.T) {
	t.Parallel()
	sdk := os.Getenv("LAVA_NODE_SDK")
	node, err := exec.LookPath("node")
	if sdk == "" || err != nil {
		t.Skip("needs node and LAVA_NODE_SDK")
	}
	out, err := exec.CommandContext(t.Context(), node, filepath.Join("testdata", "tokens.mjs"), filepath.Join(sdk, "dist", "index.mjs"), testKey).Output()
	require.NoError(t, err)
	var fresh map[string]string
	require.NoError(t, json.Unmarshal(out, &fresh))
	require.Equal(t, fresh, goldenTokens(t))
}

// A token that would silently bill someone else is rejected.
func TestPayersAreComplete(t *testing.T) {
	t.Parallel()
	api := newFakeAPI(t, respond(200, `{}`))
	client := api.client(t)
	for _, payer := range []lava.Payer{
		lava.ForCustomer{}, lava.ForCustomer{CustomerID: "con_1"}, lava.ForCustomer{MeterSlug: "chat"}, lava.ForMeter{}, lava.ForProviderKey{},
	} {
		_, err := client.GenerateForwardToken(payer)
		require.ErrorContains(t, err, "needs a")
		_, err = client.Gateway(t.Context(), "https://api.openai.com/v1/x", lava.GatewayParams{Payer: payer})
		require.ErrorContains(t, err, "needs a")
		_, err = client.Transport(lava.TransportParams{Payer: payer})
		require.ErrorContains(t, err, "needs a")
	}
	require.Empty(t, api.seen())

	token, err := client.GenerateForwardToken(nil)
	require.NoError(t, err)
	merchant, err := client.GenerateForwardToken(lava.ForMerchant{})
	require.NoError(t, err)
	require.Equal(t, merchant, token)
}

func TestForwardTokenIsUsedAsAString(t *testing.T) {
	t.Parallel()
	client := newFakeAPI(t, respond(200, `{}`)).client(t)
	token, err := client.GenerateForwardToken(lava.ForMerchant{})
	require.NoError(t, err)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, client.Providers.OpenAI+"/chat/completions", nil)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+token.Reveal())
	require.True(t, strings.HasPrefix(req.Header.Get("Authorization"), "Bearer eyJ"))
	require.Equal(t, "https://api.openai.com/v1/chat/completions", req.URL.Query().Get("u"))
}

// If the client requires a payer, a missing one is an error before anything is sent, and a request that names one is
// sent.
func TestRequiredPayer(t *testing.T) {
	t.Parallel()
	api := newFakeAPI(t, respond(200, `{}`))
	client := api.client(t, lava.WithRequiredPayer())
	customer := lava.ForCustomer{CustomerID: "con_1", MeterSlug: "chat"}
	open, err := client.Transport(lava.TransportParams{})
	require.NoError(t, err)
	closed, err := client.Transport(lava.TransportParams{Payer: lava.ForMerchant{}})
	require.NoError(t, err)
	through := func(transport http.RoundTripper) func(context.Context) error {
		return func(ctx context.Context) error {
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, chatURL, strings.NewReader("{}"))
			require.NoError(t, err)
			resp, err := (&http.Client{Transport: transport}).Do(req)
			if err == nil {
				resp.Body.Close()
			}
			return err
		}
	}
	gateway := func(payer lava.Payer) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := client.Gateway(ctx, chatURL, lava.GatewayParams{Payer: payer})
			return err
		}
	}
	stream := func(ctx context.Context) error {
		for _, err := range client.GatewayStream(ctx, chatURL, lava.GatewayParams{}) {
			return err
		}
		return nil
	}
	for name, send := range map[string]func(context.Context) error{"transport": through(open), "gateway": gateway(nil), "stream": stream} {
		require.ErrorIs(t, send(t.Context()), lava.ErrNoPayer, name)
	}
	_, err = client.GenerateForwardToken(nil)
	require.ErrorIs(t, err, lava.ErrNoPayer)
	require.Empty(t, api.seen(), "nothing was sent")

	ctx := lava.ContextWithPayer(t.Context(), customer)
	token, err := client.GenerateForwardToken(customer)
	require.NoError(t, err)
	require.NoError(t, through(open)(ctx))
	require.NoError(t, gateway(nil)(ctx))
	for _, seen := range api.seen() {
		require.Equal(t, "Bearer "+token.Reveal(), seen.Header.Get("Authorization"))
	}
	require.NoError(t, through(closed)(t.Context()))
	require.NoError(t, gateway(lava.ForMerchant{})(t.Context()))
	require.Len(t, api.seen(), 4)
}
