package gateway

// CheckToken lets a fuzz test reach the parser.
func CheckToken(credential string) {
	if isLava(credential) {
		_, _ = parseToken("authorization", credential)
	}
}
