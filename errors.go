package lava

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/lavapayments/lava-go/internal/errorbody"
	"github.com/lavapayments/lava-go/internal/exchange"
)

// Errors that Lava returns. Test for them with [errors.Is]. They match by HTTP status,
// and by Lava's code if a status has several meanings. A provider's error from the
// gateway is always [ErrProvider], regardless of its status: your unpaid OpenAI bill
// is never reported as a customer out of credit.
var (
	ErrInvalidRequest         = errors.New("lava: invalid request")          // 400, 422: Param may name the field
	ErrUnauthorized           = errors.New("lava: unauthorized")             // 401: no valid key
	ErrInsufficientCredits    = errors.New("lava: insufficient credits")     // 402 with any other code: the customer's credits are used up
	ErrInsufficientBalance    = errors.New("lava: insufficient balance")     // 402 insufficient_balance: the merchant's wallet is empty
	ErrSpendLimitExceeded     = errors.New("lava: spend limit exceeded")     // 402 spend_limit_exceeded: a spend key's limit is reached
	ErrPaymentDeclined        = errors.New("lava: payment declined")         // 402 payment_declined: a card was declined
	ErrForbidden              = errors.New("lava: forbidden")                // 403: the key may not do this
	ErrNotFound               = errors.New("lava: not found")                // 404
	ErrConflict               = errors.New("lava: conflict")                 // 409
	ErrCheckoutSessionExpired = errors.New("lava: checkout session expired") // 410
	ErrRateLimited            = errors.New("lava: rate limited")             // 429: RetryAfter may be set
	ErrServer                 = errors.New("lava: server error")             // 5xx

	// ErrProvider is a provider's failure: an error response from the provider that
	// [Error.Provider] names, or Lava's provider_error if the provider could not be
	// reached.
	ErrProvider = errors.New("lava: provider error")
)

// Errors that are not one of Lava's statuses.
var (
	// ErrNoSecretKey is the error of [New] when no secret key is given.
	ErrNoSecretKey = errors.New("lava: no secret key: set the environment variable LAVA_SECRET_KEY or use WithSecretKey")
	// ErrNoPayer is the error of a gateway request that names no [Payer], if the client
	// was created with [WithRequiredPayer]. Nothing was sent.
	ErrNoPayer = errors.New("lava: no payer: set Payer or use ContextWithPayer, with ForCustomer, or with ForMerchant if the merchant pays")
	// ErrNoSubscription is the error of [CustomersService.RetrieveSubscription] for a
	// customer without a subscription.
	ErrNoSubscription = errors.New("lava: the customer has no subscription")
	// ErrResponseTooLarge is the error of a response that exceeds the limit of
	// [WithMaxResponseSize].
	ErrResponseTooLarge = errors.New("lava: response too large")
	// ErrLoginState is the error of a login whose callback had a different state from
	// the one that the login began with. Such a callback is not from Lava's page.
	ErrLoginState = errors.New("lava: login: the callback's state does not match")

	// Errors of streams, in addition to those of any call.
	ErrStreamCut  = errors.New("lava: the stream ended before its terminal event")
	ErrStreamIdle = errors.New("lava: the stream is idle")
	ErrNotStream  = errors.New("lava: the response is not an event stream")

	// Errors of rejected webhook deliveries.
	ErrWebhookSecret    = errors.New("lava: no webhook secret is configured")
	ErrWebhookSignature = errors.New("lava: wrong webhook signature: the delivery is not from Lava, was changed, or was signed with another secret")
	ErrWebhookBody      = errors.New("lava: the webhook body is malformed")
)

// Error is a call that failed: the API rejected it, no complete response arrived, or the response can't be used. No field contains the
// caller's credentials.
type Error struct {
	Status  int    // HTTP status; 0 if there was no response
	Code    string // Lava's or the provider's code, such as "not_found"
	Message string
	Param   string // the invalid request field, if the response names one

	// Provider identifies the source of the error: "" for Lava, or the host of the provider that returned it, such as "api.openai.com".
	// With fallbacks it is the first provider; the provider that responded is in the request's record ([RequestsService.Retrieve] with
	// the RequestID). It is "unknown" if Lava chose the provider by the model.
	Provider string
	// Tried are the addresses that a gateway request named, without their queries: the provider's, then those of its fallbacks.
	Tried []string

	RequestID      string        // Lava's id of the request (x-lava-request-id), for Lava's support
	RetryAfter     time.Duration // how long the server asks to wait; 0 if it gave no time
	Body           []byte        // the response's body, at most 64 KiB
	Method         string
	Path           string
	IdempotencyKey string // the key that a creating call sent; to retry, use [ContextWithIdempotencyKey]
	Attempts       int    // how many times the call was sent
	Err            error  // the cause, if any: a network error, the context's end
}

const (
	maxErrorBody    = 64 << 10
	requestIDHeader = "X-Lava-Request-Id"
)

// Error implements error. It is one line.
func (e *Error) Error() string {
	if e == nil {
		return "<nil>"
	}
	var b strings.Builder
	b.WriteString("lava:")
	if e.Method != "" {
		fmt.Fprintf(&b, " %s %s:", e.Method, e.Path)
	}
	if e.Provider != "" {
		fmt.Fprintf(&b, " provider %s:", e.Provider)
	}
	if e.Status != 0 {
		fmt.Fprintf(&b, " %d", e.Status)
	}
	if e.Code != "" {
		b.WriteString(" " + e.Code)
	}
	if e.Status != 0 {
		b.WriteString(":")
	}
	b.WriteString(" " + e.Message)
	if e.Err != nil {
		if e.Message != "" {
			b.WriteString(": ")
		}
		b.WriteString(Redact(strings.TrimPrefix(e.Err.Error(), "lava: ")))
	}
	var notes []string
	if len(e.Tried) > 0 {
		notes = append(notes, "tried "+strings.Join(e.Tried, ", "))
	}
	if e.RequestID != "" {
		notes = append(notes, "request "+e.RequestID)
	}
	if len(notes) > 0 {
		b.WriteString(" (" + strings.Join(notes, "; ") + ")")
	}
	return b.String()
}

// Format implements [fmt.Formatter]: every verb prints the error's text.
func (e *Error) Format(f fmt.State, _ rune) { fmt.Fprint(f, e.Error()) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error {
	if e == nil {
		return nil
	}
	return e.Err
}

// Is reports whether the error is one of the errors above. A nil Error matches none of them.
func (e *Error) Is(target error) bool {
	switch {
	case e == nil:
		return false
	case target == ErrProvider:
		return e.Provider != "" || e.Code == "provider_error"
	case e.Provider != "":
		return false
	}
	switch target {
	case ErrInvalidRequest:
		return e.Status == http.StatusBadRequest || e.Status == http.StatusUnprocessableEntity
	case ErrUnauthorized:
		return e.Status == http.StatusUnauthorized
	case ErrInsufficientCredits, ErrInsufficientBalance, ErrSpendLimitExceeded, ErrPaymentDeclined:
		return e.Status == http.StatusPaymentRequired && target == e.paymentRequired()
	case ErrForbidden:
		return e.Status == http.StatusForbidden
	case ErrNotFound:
		return e.Status == http.StatusNotFound
	case ErrConflict:
		return e.Status == http.StatusConflict
	case ErrCheckoutSessionExpired:
		return e.Status == http.StatusGone
	case ErrRateLimited:
		return e.Status == http.StatusTooManyRequests
	case ErrServer:
		return e.Status >= 500
	}
	return false
}

// paymentRequired determines which kind of 402 an error is.
func (e *Error) paymentRequired() error {
	switch {
	case e.Code == "insufficient_balance":
		return ErrInsufficientBalance
	case e.Code == "payment_declined":
		return ErrPaymentDeclined
	case e.Code == "spend_limit_exceeded", strings.HasPrefix(e.Message, spendLimitMessage):
		return ErrSpendLimitExceeded
	}
	return ErrInsufficientCredits
}

// spendLimitMessage is how Lava's message for a spend key at its limit begins.
// Unlike the code, it is documented.
const spendLimitMessage = "Service key spend limit exceeded"

// failed returns the error of a failed exchange. Every [*Error] is created
// here.
func (req *request) failed(f *exchange.Failure) *Error {
	body := f.Response.Body
	e := &Error{
		Status:         f.Response.Status,
		Message:        f.Message,
		RequestID:      f.Response.Header.Get(requestIDHeader),
		RetryAfter:     f.RetryAfter,
		Body:           req.redact(body[:min(len(body), maxErrorBody)]),
		Method:         req.Method,
		Path:           Redact(req.URL.EscapedPath()),
		IdempotencyKey: req.idempotencyKey,
		Attempts:       f.Attempts,
		Err:            f.Err,
	}
	if errors.Is(f.Err, exchange.ErrTooLarge) {
		e.Err = ErrResponseTooLarge
	}
	addresses, gateway := tried(&req.URL, req.Header)
	for _, address := range addresses {
		e.Tried = append(e.Tried, Redact(address))
	}
	if f.Reason == exchange.Rejected {
		detail := parseErrorBody(e.Body)
		e.Code, e.Message, e.Param = detail.code, detail.message, detail.param
		e.RequestID = cmp.Or(e.RequestID, detail.requestID)
		if gateway && !detail.isLavas(f.Response) && !isProxys(f.Response) {
			e.Provider = hostOf(addresses)
		}
		if e.Message == "" {
			e.Message = excerpt([]byte(cmp.Or(errorbody.Message(e.Body), string(e.Body))))
			if !f.Response.OK() {
				e.Message = strings.TrimSpace(http.StatusText(e.Status) + ": " + e.Message)
			}
		}
	}
	return e
}

// unusable returns the error of a response that the call does not expect.
func (req *request) unusable(resp exchange.Response, message string, cause error) *Error {
	return req.failed(&exchange.Failure{
		Reason: exchange.Final, Response: resp, Attempts: resp.Attempts, Message: message, Err: cause,
	})
}

// redact removes credentials from a server's text, which may repeat them.
func (req *request) redact(text []byte) []byte {
	s := string(text)
	authorization := strings.TrimPrefix(req.Header.Get("Authorization"), "Bearer ")
	for _, secret := range append(req.secrets, authorization) {
		if secret != "" {
			s = strings.ReplaceAll(s, secret, redactedText)
		}
	}
	return []byte(Redact(s))
}

// tried returns the provider addresses that a request names, and whether it
// goes through the gateway.
func tried(u *url.URL, header http.Header) (addresses []string, gateway bool) {
	path := u.EscapedPath()
	_, rewrite, rewritten := strings.Cut(path, "/rewrite/")
	target := u.Query().Get("u")
	switch {
	case rewritten:
		_, target, _ = strings.Cut(rewrite, "/")
		if !strings.Contains(target, "://") {
			target = "https://" + target
		}
		addresses = []string{target}
	case strings.Contains(path, "/forward") && target != "":
		address, _, _ := strings.Cut(target, "?")
		addresses = []string{address}
	case strings.HasSuffix(path, "/chat/completions"), strings.HasSuffix(path, "/messages"):
		// The model selects the provider.
	default:
		return nil, false
	}
	var fallbacks []Fallback
	_ = json.Unmarshal([]byte(header.Get(fallbacksHeader)), &fallbacks) // a malformed header names no addresses
	for _, fallback := range fallbacks {
		address, _, _ := strings.Cut(fallback.URL, "?")
		addresses = append(addresses, address)
	}
	return addresses, true
}

// hostOf returns the host of the first address.
func hostOf(addresses []string) string {
	if len(addresses) > 0 {
		if u, err := url.Parse(addresses[0]); err == nil && u.Host != "" {
			return u.Host
		}
	}
	return "unknown"
}

// errorBody is the content of an error's body.
type errorBody struct {
	code, message, param string
	requestID            string // if the body has it: see [Transport]
	status               int    // in the body, as a number
	typed                bool   // it has a type in addition to the code
}

// isLavas reports whether an error that came through the gateway is Lava's own.
// Lava's has a code in words and the status as a number. A provider's does not:
// OpenAI's and Anthropic's have a type and no status, Google's has the number as its
// code (assumption error-origin).
func (b errorBody) isLavas(resp exchange.Response) bool {
	return b.code != "" && !b.typed && b.status >= http.StatusBadRequest && (resp.OK() || b.status == resp.Status)
}

// isProxys reports whether the response came from a proxy or the like between here and Lava: every response from the
// gateway has Lava's request id.
func isProxys(resp exchange.Response) bool {
	return resp.Status >= http.StatusInternalServerError && resp.Header.Get(requestIDHeader) == ""
}

// parseErrorBody reads Lava's error object, and the similar objects of providers,
// whose responses and events the gateway passes on.
func parseErrorBody(body []byte) errorBody {
	var envelope struct {
		Error    any `json:"error"`
		Code     any `json:"code"`
		Response any `json:"response"` // of OpenAI's response.failed, with the error in it
	}
	if json.Unmarshal(body, &envelope) != nil {
		return errorBody{}
	}
	detail := envelope.Error
	if response, ok := envelope.Response.(map[string]any); ok && detail == nil {
		detail = response["error"]
	}
	object, ok := detail.(map[string]any)
	if !ok {
		code, _ := envelope.Code.(string)
		return errorBody{code: code, message: errorbody.Message(body)}
	}
	text := func(key string) string {
		s, _ := object[key].(string)
		return s
	}
	status, _ := object["status"].(float64)
	return errorBody{
		code:      cmp.Or(text("code"), text("type")),
		message:   cmp.Or(text("message"), errorbody.Message(body)),
		param:     text("param"),
		requestID: text("request_id"),
		status:    int(status),
		typed:     text("type") != "",
	}
}

const maxExcerpt = 200

// excerpt returns the beginning of a body for an error message: one printable line.
func excerpt(body []byte) string {
	if len(body) == 0 {
		return "(empty)"
	}
	text := string(body[:min(len(body), 4*maxExcerpt)])
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "\uFFFD")), " ")
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, Redact(text))
	if len(text) <= maxExcerpt {
		return text
	}
	cut := maxExcerpt
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "..."
}
