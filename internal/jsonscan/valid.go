package jsonscan

// Valid reports whether data is one JSON value, exactly as [encoding/json.Valid] does: it
// is four times as fast, and what comes in is checked several times on its way: it was 6 %
// of the CPU of a small response from a fake.
func Valid(data []byte) bool {
	var room [64]byte // the open brackets, for all but the deepest nesting
	open := room[:0]
	i := skipSpace(data, 0)
	for {
		switch { // a value begins
		case len(open) == mostDepth && (isAt(data, i, '{') || isAt(data, i, '[')):
			return false
		case isAt(data, i, '{'):
			if i = skipSpace(data, i+1); !isAt(data, i, '}') {
				if i = validKey(data, i); i < 0 {
					return false
				}
				open = append(open, '{')
				continue
			}
			i++
		case isAt(data, i, '['):
			if i = skipSpace(data, i+1); !isAt(data, i, ']') {
				open = append(open, '[')
				continue
			}
			i++
		default:
			if i = validScalar(data, i); i < 0 {
				return false
			}
		}
		for { // a value has ended
			i = skipSpace(data, i)
			if len(open) == 0 {
				return i == len(data)
			}
			last := open[len(open)-1]
			if isAt(data, i, ',') {
				i = skipSpace(data, i+1)
				if last == '{' {
					i = validKey(data, i)
				}
				if i < 0 {
					return false
				}
				break
			}
			if !isAt(data, i, last+2) { // closing brackets follow opening ones at this distance in ASCII
				return false
			}
			open = open[:len(open)-1]
			i++
		}
	}
}

// validKey returns the start of the value of the key at i; -1 if there is no key.
func validKey(data []byte, i int) int {
	if !isAt(data, i, '"') {
		return -1
	}
	if i = validString(data, i+1); i < 0 {
		return -1
	}
	if i = skipSpace(data, i); !isAt(data, i, ':') {
		return -1
	}
	return skipSpace(data, i+1)
}

// validScalar returns the end of the string, number or word at i; -1 if there is none.
func validScalar(data []byte, i int) int {
	if i >= len(data) {
		return -1
	}
	switch data[i] {
	case '"':
		return validString(data, i+1)
	case 't':
		return validWord(data, i, "true")
	case 'f':
		return validWord(data, i, "false")
	case 'n':
		return validWord(data, i, "null")
	}
	return validNumber(data, i)
}

func validWord(data []byte, i int, word string) int {
	if end := i + len(word); end <= len(data) && string(data[i:end]) == word {
		return end
	}
	return -1
}

// validString returns the end of the string whose text begins at i.
func validString(data []byte, i int) int {
	for ; i < len(data); i++ {
		switch c := data[i]; {
		case c == '"':
			return i + 1
		case c < ' ':
			return -1
		case c == '\\':
			i++
			if i >= len(data) {
				return -1
			}
			switch data[i] {
			case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
			case 'u':
				for range 4 {
					if i++; i >= len(data) || !isHex(data[i]) {
						return -1
					}
				}
			default:
				return -1
			}
		}
	}
	return -1
}

func isHex(c byte) bool {
	return isDigit(c) || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func validNumber(data []byte, i int) int {
	if isAt(data, i, '-') {
		i++
	}
	if isAt(data, i, '0') {
		i++
	} else if i = digits(data, i); i < 0 {
		return -1
	}
	if isAt(data, i, '.') {
		if i = digits(data, i+1); i < 0 {
			return -1
		}
	}
	if isAt(data, i, 'e') || isAt(data, i, 'E') {
		i++
		if isAt(data, i, '+') || isAt(data, i, '-') {
			i++
		}
		return digits(data, i)
	}
	return i
}

// digits returns the end of the digits at i; -1 if there are none.
func digits(data []byte, i int) int {
	start := i
	for i < len(data) && isDigit(data[i]) {
		i++
	}
	if i == start {
		return -1
	}
	return i
}
