package jsonscan

import "unicode/utf8"

// Characters counts the characters of the strings under some keys, at any depth.
func Characters(data []byte, keys ...string) int64 {
	var n int64
	for key, value := range Keys(data) {
		n += CharactersAt(data, key, value, keys)
	}
	return n
}

// CharactersAt counts the characters of one value of [Keys], if it is a string
// under one of some keys.
func CharactersAt(data, key []byte, value int, keys []string) int64 {
	if data[value] != '"' || !isOneOf(key, keys) {
		return 0
	}
	return runes(data[value+1 : stringEnd(data, value+1)])
}

func isOneOf(b []byte, keys []string) bool {
	for _, k := range keys { //nolint:modernize // slices.Contains would copy b
		if string(b) == k {
			return true
		}
	}
	return false
}

// Length counts the characters of a JSON string; 0 for other values.
func Length(value []byte) int64 {
	s, _ := String(value, 0)
	return runes(s)
}

// runes counts the characters of a JSON string without its quotes. A character beyond U+FFFF written as two \u
// escapes counts as one.
func runes(s []byte) int64 {
	var n int64
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			if s[i] == 'u' && i+2 < len(s) {
				low := (s[i+1] == 'd' || s[i+1] == 'D') && s[i+2] >= 'C' && s[i+2] != 'a' && s[i+2] != 'b' // U+DC00..DFFF
				i = min(i+4, len(s)-1)
				if low {
					continue
				}
			}
			n++
		case utf8.RuneStart(s[i]):
			n++
		}
	}
	return n
}
