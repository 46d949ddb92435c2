package billing

import "fmt"

// Code is the kind of an error, in Lava's words.
type Code string

// The codes of errors. Those of the forward endpoint are documented by Lava;
// the others are this project's (assumption error-codes).
const (
	CodeInvalidRequest      Code = "invalid_request"
	CodeAuthentication      Code = "authentication_failed"
	CodeInsufficientCredits Code = "insufficient_credits"
	CodeInsufficientBalance Code = "insufficient_balance"
	CodeSpendLimitExceeded  Code = "spend_limit_exceeded"
	CodePaymentDeclined     Code = "payment_declined"
	CodeForbidden           Code = "forbidden"
	CodeMeterNotOnPlan      Code = "meter_not_on_plan"
	CodeModelNotAllowed     Code = "model_not_allowed"
	CodeKeyPaused           Code = "key_paused"
	CodeRequestShape        Code = "request_shape_mismatch"
	CodeNotFound            Code = "not_found"
	CodeMethodNotAllowed    Code = "method_not_allowed"
	CodeConflict            Code = "conflict"
	CodeSessionExpired      Code = "checkout_session_expired"
	CodePayloadTooLarge     Code = "payload_too_large"
	CodeRateLimitExceeded   Code = "rate_limit_exceeded"
	CodeProviderError       Code = "provider_error"

	CodeForwardEndpointNotSupported Code = "forward_endpoint_not_supported"
	CodeForwardModelNotSupported    Code = "forward_model_not_supported"
	CodeForwardModelInvalid         Code = "forward_model_invalid"
)

// Error is why a command was rejected.
type Error struct {
	Code    Code
	Message string
	Param   string // the invalid field, or empty
}

func (e *Error) Error() string { return e.Message }

// Errorf returns an Error. param names the field it is about, or is empty; see [Invalid].
func Errorf(code Code, param, format string, args ...any) *Error {
	return &Error{Code: code, Param: param, Message: fmt.Sprintf(format, args...)}
}

// Invalid rejects the value of a field, which it names first.
func Invalid(param, format string, args ...any) *Error {
	return Errorf(CodeInvalidRequest, param, param+": "+format, args...)
}

// missing rejects a field that is required and missing.
func missing(param string) *Error { return Invalid(param, "is required") }

// notFound rejects the id that a call is about.
func notFound(what, id string) *Error {
	return Errorf(CodeNotFound, "", "no %s %q", what, shorten(id))
}

// unknown rejects the id in a field.
func unknown(param, what, id string) *Error {
	return Errorf(CodeNotFound, param, "%s: no %s %q", param, what, shorten(id))
}
