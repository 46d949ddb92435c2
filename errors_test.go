package lava_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
)

func TestErrorBodies(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, body, code, message, param string
	}{
		{"lava", `{"error":{"message":"name is required","code":"invalid_request","status":400,"param":"name"}}`, "invalid_request", "name is required", "name"},
		{"openai", `{"error":{"message":"bad model","type":"invalid_request_error","param":null,"code":null}}`, "invalid_request_error", "bad model", ""},
		{"anthropic", `{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}`, "overloaded_error", "Overloaded", ""},
		{"google", `{"error":{"code":400,"message":"bad key","status":"INVALID_ARGUMENT"}}`, "", "bad key", ""},
		{"string", `{"error":"no"}`, "", "no", ""},
		{"flat", `{"message":"no","code":"x"}`, "x", "no", ""},
		{"detail", `{"detail":"Not enough quota"}`, "", "Not enough quota", ""},
		{"list of details", `{"detail":[{"loc":["body","n"],"msg":"too large"}]}`, "", "n: too large", ""},
		{"list of errors", `{"errors":[{"message":"No route"}]}`, "", "No route", ""},
		{"nested message", `{"object":"error","message":{"detail":[{"loc":["body","model"],"msg":"Field required"}]}}`, "", "model: Field required", ""},
		{"text", "upstream connect error", "", "Bad Request: upstream connect error", ""},
		{"html", "<html>\n<h1>502</h1>\n</html>", "", "Bad Request: 502", ""},
		{"empty", "", "", "Bad Request: (empty)", ""},
		{"other json", `[1]`, "", "Bad Request: [1]", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			api := newFakeAPI(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
				w.Header().Set("X-Lava-Request-Id", "req_7")
				writeJSON(w, 400, tt.body)
			})
			_, err := api.client(t).Meters.Create(t.Context(), lava.CreateMeterParams{})
			var failed *lava.Error
			require.ErrorAs(t, err, &failed)
			require.Equal(t, 400, failed.Status)
			require.Equal(t, tt.code, failed.Code)
			require.Equal(t, tt.message, failed.Message)
			require.Equal(t, tt.param, failed.Param)
			require.Equal(t, "req_7", failed.RequestID)
			require.Equal(t, tt.body, string(failed.Body))
			require.Equal(t, "POST", failed.Method)
			require.Equal(t, "/v1/meters", failed.Path)
			require.NotEmpty(t, failed.IdempotencyKey)
		})
	}
}

func TestErrorText(t *testing.T) {
	t.Parallel()
	api := newFakeAPI(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.Header().Set("X-Lava-Request-Id", "req_7")
		writeJSON(w, 404, `{"error":{"message":"no meter prd_1","code":"not_found","status":404}}`)
	})
	_, err := api.client(t).Meters.Retrieve(t.Context(), "prd_1")
	require.EqualError(t, err, "lava: GET /v1/meters/prd_1: 404 not_found: no meter prd_1 (request req_7)")

	client, err := lava.New(lava.WithSecretKey(testKey), lava.WithBaseURL("http://127.0.0.1:1"), lava.WithMaxRetries(0))
	require.NoError(t, err)
	_, err = client.Meters.List(t.Context(), lava.ListMetersParams{Cursor: "hunter2"})
	require.ErrorContains(t, err, "lava: GET /v1/meters: dial tcp 127.0.0.1:1")
	require.NotContains(t, err.Error(), "hunter2", "errors don't contain the query of an address")
}

// A proxy's error page must not hide the status.
func TestHTMLErrorKeepsItsStatus(t *testing.T) {
	t.Parallel()
	api := newFakeAPI(t, respond(502, "<html>"+strings.Repeat("nginx ", 1000)+"</html>"))
	_, err := api.client(t).Meters.Create(t.Context(), lava.CreateMeterParams{})
	require.ErrorIs(t, err, lava.ErrServer)
	require.ErrorContains(t, err, "502: Bad Gateway: <html>nginx nginx")
	require.Less(t, len(err.Error()), 400)
}

func TestSentinels(t *testing.T) {
	t.Parallel()
	all := []error{
		lava.ErrInvalidRequest, lava.ErrUnauthorized, lava.ErrInsufficientCredits, lava.ErrInsufficientBalance,
		lava.ErrSpendLimitExceeded, lava.ErrForbidden, lava.ErrNotFound, lava.ErrConflict, lava.ErrCheckoutSessionExpired,
		lava.ErrRateLimited, lava.ErrServer, lava.ErrPaymentDeclined, lava.ErrProvider,
	}
	for _, tt := range []struct {
		status int
		code   string
		want   error
	}{
		{400, "invalid_request", lava.ErrInvalidRequest},
		{400, "forward_model_invalid", lava.ErrInvalidRequest},
		{422, "", lava.ErrInvalidRequest},
		{401, "authentication_failed", lava.ErrUnauthorized},
		{402, "insufficient_credits", lava.ErrInsufficientCredits},
		{402, "", lava.ErrInsufficientCredits},
		{402, "insufficient_balance", lava.ErrInsufficientBalance},
		{402, "spend_limit_exceeded", lava.ErrSpendLimitExceeded},
		{402, "payment_declined", lava.ErrPaymentDeclined},
		{403, "meter_not_on_plan", lava.ErrForbidden},
		{404, "not_found", lava.ErrNotFound},
		{409, "conflict", lava.ErrConflict},
		{410, "checkout_session_expired", lava.ErrCheckoutSessionExpired},
		{429, "rate_limit_exceeded", lava.ErrRateLimited},
		{500, "", lava.ErrServer},
		{503, "", lava.ErrServer},
		{418, "teapot", nil},
	} {
		err := error(&lava.Error{Status: tt.status, Code: tt.code})
		for _, sentinel := range all {
			require.Equal(t, sentinel == tt.want, errors.Is(err, sentinel), "%d %s is %v", tt.status, tt.code, sentinel) //nolint:errorlint // the test compares identity
		}
		err = &lava.Error{Status: tt.status, Code: tt.code, Provider: "api.openai.com"}
		for _, sentinel := range all {
			require.Equal(t, sentinel == lava.ErrProvider, errors.Is(err, sentinel), "a provider's %d is %v", tt.status, sentinel) //nolint:errorlint // the test compares identity
		}
	}
}

// The code for a spend key at its limit isn't documented, but the beginning of its message is.
func TestSpendLimitIsKnownByItsMessage(t *testing.T) {
	t.Parallel()
	err := &lava.Error{Status: 402, Code: "payment_required", Message: "Service key spend limit exceeded. Resets tomorrow."}
	require.ErrorIs(t, err, lava.ErrSpendLimitExceeded)
	require.NotErrorIs(t, err, lava.ErrInsufficientCredits)
}

// Errors through the gateway are either Lava's or the provider's. A paying customer must not be sent to the checkout
// because a provider's account is empty.
func TestWhoseErrorItIs(t *testing.T) {
	t.Parallel()
	const lavas, deepSeek = "", "api.deepseek.com"
	body := func(code string, status int) string {
		return fmt.Sprintf(`{"error":{"message":"no","code":%q,"status":%d}}`, code, status)
	}
	for _, tt := range []struct {
		name   string
		status int
		body   string
		whose  string
		is     error
	}{
		{"the customer's credits", 402, body("insufficient_credits", 402), lavas, lava.ErrInsufficientCredits},
		{"the merchant's wallet", 402, body("insufficient_balance", 402), lavas, lava.ErrInsufficientBalance},
		{"the spend key's limit", 402, body("spend_limit_exceeded", 402), lavas, lava.ErrSpendLimitExceeded},
		{"Lava's key", 401, body("authentication_failed", 401), lavas, lava.ErrUnauthorized},
		{"Lava's customer", 404, body("not_found", 404), lavas, lava.ErrNotFound},
		{"a code that is newer than this package", 402, body("credits_frozen", 402), lavas, lava.ErrInsufficientCredits},
		{"an unreachable provider", 502, body("provider_error", 502), lavas, lava.ErrProvider},
		{"DeepSeek's account", 402, `{"error":{"message":"Insufficient Balance","type":"unknown_error","param":null,"code":"invalid_request_error"}}`, deepSeek, lava.ErrProvider},
		{"OpenAI's key", 401, `{"error":{"message":"Incorrect API key","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}`, deepSeek, lava.ErrProvider},
		{"Anthropic's model", 404, `{"type":"error","error":{"type":"not_found_error","message":"model: nope"},"request_id":"req_1"}`, deepSeek, lava.ErrProvider},
		{"Google's quota", 429, `{"error":{"code":429,"message":"quota","status":"RESOURCE_EXHAUSTED"}}`, deepSeek, lava.ErrProvider},
		{"OpenRouter's credits", 402, `{"error":{"message":"Insufficient credits","code":402}}`, deepSeek, lava.ErrProvider},
		{"a status of another response", 402, body("insufficient_credits", 400), deepSeek, lava.ErrProvider},
		{"Bedrock's model", 404, `{"message":"no model"}`, deepSeek, lava.ErrProvider},
		{"no JSON", 402, `pay first`, deepSeek, lava.ErrProvider},
	} {
		t.Run(tt.name, func(t *testing.T) {
			api := newFakeAPI(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
				w.Header().Set("X-Lava-Request-Id", "req_7")
				writeJSON(w, tt.status, tt.body)
			})
			client := api.client(t)
			const address = "https://api.deepseek.com/v1/chat/completions"
			_, whole := client.Gateway(t.Context(), address+"?beta=1", lava.GatewayParams{Body: "{}"})
			var streamed error
			for _, streamed = range client.GatewayStream(t.Context(), address, lava.GatewayParams{Body: "{}"}) {
			}
			_, translated := client.Gateway(t.Context(), address, lava.GatewayParams{
				Body: "{}", Format: lava.FormatOpenAI, Fallbacks: []lava.Fallback{{URL: "https://api.openai.com/v1/chat/completions?x=1", Model: "m"}},
			})
			for i, err := range []error{whole, streamed, translated} {
				require.ErrorIs(t, err, tt.is)
				var failed *lava.Error
				require.ErrorAs(t, err, &failed)
				require.Equal(t, tt.whose, failed.Provider)
				require.Equal(t, tt.status, failed.Status)
				want := []string{address}
				if i == 2 {
					want = append(want, "https://api.openai.com/v1/chat/completions")
				}
				require.Equal(t, want, failed.Tried)
				require.ErrorContains(t, err, "(tried "+address)
			}
		})
	}

	t.Run("by the model", func(t *testing.T) {
		api := newFakeAPI(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
			w.Header().Set("X-Lava-Request-Id", "req_7")
			writeJSON(w, 402, `{"error":{"message":"Insufficient Balance","type":"unknown_error"}}`)
		})
		err := api.client(t).Do(t.Context(), "POST", "chat/completions", map[string]any{}, nil)
		require.ErrorIs(t, err, lava.ErrProvider)
		require.NotErrorIs(t, err, lava.ErrInsufficientCredits)
	})
	t.Run("a proxy in between", func(t *testing.T) {
		api := newFakeAPI(t, respond(502, "<html>bad gateway</html>"))
		_, err := api.client(t).Gateway(t.Context(), chatURL, lava.GatewayParams{Body: "{}"})
		require.ErrorIs(t, err, lava.ErrServer)
		require.NotErrorIs(t, err, lava.ErrProvider)
	})
}

// No error contains a password from an address that a request names.
func TestAddressesInErrorsHaveNoPassword(t *testing.T) {
	t.Parallel()
	const withPassword = "https://me:hunter2@api.openai.com/v1/chat/completions"
	api := newFakeAPI(t, respond(402, `{"error":{"message":"no money at `+withPassword+`","type":"billing"}}`))
	client := api.client(t)
	_, rejected := client.Gateway(t.Context(), withPassword, lava.GatewayParams{})
	require.ErrorContains(t, rejected, "must not contain a user and password")
	_, fallback := client.Gateway(t.Context(), chatURL, lava.GatewayParams{Format: lava.FormatOpenAI, Fallbacks: []lava.Fallback{{URL: withPassword}}})
	forward := client.Do(t.Context(), "POST", "forward?u="+url.QueryEscape(withPassword), nil, nil)
	sent, err := http.NewRequestWithContext(t.Context(), http.MethodPost, api.URL+"/v1/rewrite/openai/"+withPassword, nil)
	require.NoError(t, err)
	header := http.Header{"X-Lava-Request-Id": {"req_7"}}
	ofSDK := lava.AsError(&responseError{402, &http.Response{StatusCode: http.StatusPaymentRequired, Header: header, Request: sent}, `{"message":"no money"}`})
	for _, err := range []error{rejected, fallback, forward, ofSDK} {
		require.NotContains(t, fmt.Sprintf("%+v", err), "hunter2")
	}
	for _, err := range []error{fallback, forward, ofSDK} {
		failed := lava.AsError(err)
		require.Equal(t, "api.openai.com", failed.Provider)
		require.NotContains(t, fmt.Sprintf("%q %s %s", failed.Tried, failed.Path, failed.Body), "hunter2")
	}
}

func TestErrorBodyIsBounded(t *testing.T) {
	t.Parallel()
	api := newFakeAPI(t, respond(400, strings.Repeat("x", 1<<20)))
	_, err := api.client(t).Meters.Retrieve(t.Context(), "prd_1")
	var failed *lava.Error
	require.ErrorAs(t, err, &failed)
	require.Len(t, failed.Body, 64<<10)
}
