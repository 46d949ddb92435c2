package mockserver

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/jsonscan"
)

// Error is a rejection by the server. Methods such as [Server.CompleteCheckout] return
// it.
type Error struct {
	Status  int    // of the HTTP response
	Code    string // such as "invalid_request"
	Message string
	Param   string // the invalid field, or empty

	retryAfter time.Duration // sent in the header, if not 0
}

// Is reports whether the error matches one of lava's errors, as it would for a client
// that receives the response: errors.Is(err, lava.ErrPaymentDeclined).
func (e *Error) Is(target error) bool {
	return (&lava.Error{Status: e.Status, Code: e.Code, Message: e.Message}).Is(target)
}

func (e *Error) Error() string { return fmt.Sprintf("%s (%d %s)", e.Message, e.Status, e.Code) }

// statuses is the status of each code. The choice of codes is an assumption
// (error-codes).
var statuses = map[billing.Code]int{
	billing.CodeInvalidRequest:      http.StatusBadRequest,
	billing.CodeAuthentication:      http.StatusUnauthorized,
	billing.CodeInsufficientCredits: http.StatusPaymentRequired,
	billing.CodeInsufficientBalance: http.StatusPaymentRequired,
	billing.CodeSpendLimitExceeded:  http.StatusPaymentRequired,
	billing.CodePaymentDeclined:     http.StatusPaymentRequired,
	billing.CodeForbidden:           http.StatusForbidden,
	billing.CodeMeterNotOnPlan:      http.StatusForbidden,
	billing.CodeModelNotAllowed:     http.StatusForbidden,
	billing.CodeKeyPaused:           http.StatusForbidden,
	billing.CodeRequestShape:        http.StatusForbidden,
	billing.CodeNotFound:            http.StatusNotFound,
	billing.CodeMethodNotAllowed:    http.StatusMethodNotAllowed,
	billing.CodeConflict:            http.StatusConflict,
	billing.CodeSessionExpired:      http.StatusGone,
	billing.CodePayloadTooLarge:     http.StatusRequestEntityTooLarge,
	billing.CodeRateLimitExceeded:   http.StatusTooManyRequests,
	billing.CodeProviderError:       http.StatusBadGateway,

	billing.CodeForwardEndpointNotSupported: http.StatusBadRequest,
	billing.CodeForwardModelNotSupported:    http.StatusBadRequest,
	billing.CodeForwardModelInvalid:         http.StatusBadRequest,
}

// toError turns any error into one that can be sent.
func toError(err error) *Error {
	var own *Error
	if errors.As(err, &own) {
		return own
	}
	var refused *billing.Error
	if !errors.As(err, &refused) {
		return &Error{Status: http.StatusInternalServerError, Code: internalError, Message: err.Error()}
	}
	status, ok := statuses[refused.Code]
	if !ok {
		status = http.StatusInternalServerError
	}
	return &Error{Status: status, Code: string(refused.Code), Message: refused.Message, Param: refused.Param}
}

// writeError responds with an error in Lava's format.
func (s *Server) writeError(w http.ResponseWriter, r *http.Request, err error) {
	if w.Header().Get(requestIDHeader) == "" {
		w.Header().Set(requestIDHeader, s.newRequestID())
	}
	e := toError(err)
	if e.retryAfter > 0 {
		setRetryAfter(w.Header(), e.retryAfter)
	}
	if rec, ok := w.(*recorder); ok {
		rec.call.err = e
	}
	type detail struct {
		Message string `json:"message"`
		Code    string `json:"code"`
		Status  int    `json:"status"`
		Param   string `json:"param,omitzero"`
	}
	body := struct {
		Error   detail `json:"error"`
		Message string `json:"message,omitzero"`
	}{Error: detail{e.Message, e.Code, e.Status, e.Param}}
	if isAmazons(r) {
		w.Header().Set("X-Amzn-Errortype", amazonsType(e.Status))
		body.Message = e.Message
	}
	writeJSON(w, e.Status, body)
}

// isAmazons reports whether a request comes from one of Amazon's SDKs, or is for Bedrock. These SDKs read an error's
// type from a header and its message from the top level of the body. Lava's error stays next to them unchanged, and
// other SDKs read that (assumption amazon-errors).
func isAmazons(r *http.Request) bool {
	return r.Header.Get("Amz-Sdk-Invocation-Id") != "" || strings.Contains(r.URL.Path+r.URL.RawQuery, "bedrock")
}

// amazonsType returns the type of Bedrock's errors with a status.
func amazonsType(status int) string {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return "AccessDeniedException"
	case http.StatusPaymentRequired:
		return "ServiceQuotaExceededException"
	case http.StatusNotFound:
		return "ResourceNotFoundException"
	case http.StatusTooManyRequests:
		return "ThrottlingException"
	}
	if status >= http.StatusInternalServerError {
		return "InternalServerException"
	}
	return "ValidationException"
}

// encode returns JSON as JavaScript writes it, in which Lava is written: without escapes for HTML.
func encode(v any) ([]byte, error) {
	const usual = 512 // bytes
	return jsonscan.Append(make([]byte, 0, usual), v)
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	data, encoded := body.(json.RawMessage)
	var err error
	if !encoded {
		data, err = encode(body)
	}
	if err != nil { // a bug: everything here is plain data
		status, data = http.StatusInternalServerError, []byte(`{"error":{"message":"the response can't be encoded","code":"internal_error","status":500}}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(data) // the client may have disconnected
}
