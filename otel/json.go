package lavaotel

import (
	"bytes"
	"encoding/json"
	"iter"
	"strconv"
)

// JSON is scanned without decoding: the relevant values are small, and next to long texts and images. Malformed text
// ends a scan.

// members iterates over the members of a JSON object, with raw values.
func members(object []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(key, value []byte) bool) {
		for i := opening(object, '{'); i >= 0; {
			if i = next(object, i); i < 0 || object[i] != '"' {
				return
			}
			end := valueEnd(object, i)
			if end < 0 {
				return
			}
			key := object[i+1 : end-1]
			if i = next(object, end); i < 0 || object[i] != ':' {
				return
			}
			if i = next(object, i+1); i < 0 {
				return
			}
			if end = valueEnd(object, i); end < 0 || !yield(key, object[i:end]) {
				return
			}
			i = comma(object, end)
		}
	}
}

// elements iterates over the elements of a JSON array.
func elements(array []byte) iter.Seq[[]byte] {
	return func(yield func(value []byte) bool) {
		for i := opening(array, '['); i >= 0; {
			if i = next(array, i); i < 0 {
				return
			}
			end := valueEnd(array, i)
			if end <= i || !yield(array[i:end]) {
				return
			}
			i = comma(array, end)
		}
	}
}

// opening returns the position after the first character if it is the given one, and -1 otherwise.
func opening(data []byte, c byte) int {
	if i := next(data, 0); i >= 0 && data[i] == c {
		return i + 1
	}
	return -1
}

// comma returns the position after the next character if it is a comma, and -1 otherwise.
func comma(data []byte, i int) int {
	if i = next(data, i); i >= 0 && data[i] == ',' {
		return i + 1
	}
	return -1
}

// next returns the position of the first character that isn't white space, or -1.
func next(data []byte, i int) int {
	for ; i < len(data); i++ {
		switch data[i] {
		case ' ', '\t', '\r', '\n':
		default:
			return i
		}
	}
	return -1
}

// valueEnd returns the position after the value that begins at i, or -1 if it does not end.
func valueEnd(data []byte, i int) int {
	depth := 0
	for i < len(data) {
		switch data[i] {
		case '"':
			if i = stringEnd(data, i); i < 0 {
				return -1
			}
			if depth == 0 {
				return i
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth < 0 {
				return i // a number may be the last value in its object
			}
			if depth == 0 {
				return i + 1
			}
		case ',', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return i
			}
		}
		i++
	}
	return -1
}

// stringEnd returns the position after the string that begins at i, or -1 if it does not end.
func stringEnd(data []byte, i int) int {
	for i++; ; i++ {
		quote := bytes.IndexByte(data[i:], '"')
		if quote < 0 {
			return -1
		}
		i += quote
		escapes := 0
		for data[i-1-escapes] == '\\' {
			escapes++
		}
		if escapes%2 == 0 {
			return i + 1
		}
	}
}

// text returns a JSON string; "" for other values.
func text(value []byte) string {
	if len(value) < 2 || value[0] != '"' {
		return ""
	}
	if plain := value[1 : len(value)-1]; bytes.IndexByte(plain, '\\') < 0 {
		return string(plain)
	}
	var s string
	_ = json.Unmarshal(value, &s) // malformed text counts as empty
	return s
}

// count returns a JSON number if it is a valid count.
func count(value []byte) (int64, bool) {
	n, err := strconv.ParseInt(string(value), 10, 64)
	if err != nil {
		f, err := strconv.ParseFloat(string(value), 64) // 12.0 is a count too
		if err != nil || f > 1<<53 {
			return 0, false
		}
		n = int64(f)
	}
	return n, n >= 0
}
