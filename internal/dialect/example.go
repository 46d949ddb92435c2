package dialect

import (
	"encoding/base64"
	"encoding/binary"
)

// Example is a complete request that works, as shown in a catalog for an operation.
type Example struct {
	Operation Operation
	// Path is below a provider's base URL. {model} in it is replaced by the model.
	Path string
	// Body is a JSON object; for a form, its fields. A file is a data URL.
	Body map[string]any
	Form bool
}

// ExampleText is the text in examples.
const ExampleText = "Say hello."

// ExampleAudio is a tenth of a second of silence, as a data URL.
var ExampleAudio = "data:audio/wav;base64," + base64.StdEncoding.EncodeToString(silence())

// silence is a WAV file: mono, 8 bits, 8 kHz.
func silence() []byte {
	const rate, samples = 8000, 800
	b := []byte("RIFF")
	b = binary.LittleEndian.AppendUint32(b, 36+samples)
	b = append(b, "WAVEfmt "...)
	b = binary.LittleEndian.AppendUint32(b, 16)
	for _, v := range [...]uint16{1, 1} { // PCM, one channel
		b = binary.LittleEndian.AppendUint16(b, v)
	}
	b = binary.LittleEndian.AppendUint32(b, rate)
	b = binary.LittleEndian.AppendUint32(b, rate)
	for _, v := range [...]uint16{1, 8} { // bytes and bits per sample
		b = binary.LittleEndian.AppendUint16(b, v)
	}
	b = append(b, "data"...)
	b = binary.LittleEndian.AppendUint32(b, samples)
	for range samples {
		b = append(b, 0x80)
	}
	return b
}
