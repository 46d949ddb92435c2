package dialect_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lavapayments/lava-go/internal/dialect"
)

func TestMediaFromURL(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		address string
		want    dialect.Media
		ok      bool
	}{
		{"data:image/png;base64,iVBORw0KGgo=", dialect.Media{Type: "image/png", Data: "iVBORw0KGgo="}, true},
		{"data:,a%20b", dialect.Media{Type: "text/plain", Data: "YSBi"}, true},
		{"data:text/csv;charset=utf-8,a", dialect.Media{Type: "text/csv", Data: "YQ=="}, true},
		{"https://example.com/x.PDF?y=1", dialect.Media{Type: "application/pdf", URL: "https://example.com/x.PDF?y=1"}, true},
		{"https://example.com/x", dialect.Media{URL: "https://example.com/x"}, true},
		{"data:x", dialect.Media{}, false},
		{"data:,%zz", dialect.Media{}, false},
		{"", dialect.Media{}, false},
	} {
		got, ok := dialect.MediaFromURL(test.address)
		assert.Equal(t, test.ok, ok, test.address)
		assert.Equal(t, test.want, got, test.address)
	}
}

func TestMediaTypes(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "image/jpeg", dialect.TypeOfFormat("image", "jpeg"))
	assert.Equal(t, "audio/flac", dialect.TypeOfFormat("audio", "flac"))
	assert.Equal(t, "application/pdf", dialect.TypeOfFormat("", "pdf"))
	assert.Equal(t, "jpeg", dialect.FormatOfType("image/jpeg; x=1", "png", "jpeg"))
	assert.Empty(t, dialect.FormatOfType("image/tiff", "png", "jpeg"))
	assert.True(t, dialect.Media{Image: true}.IsImage())
	assert.True(t, dialect.Media{Type: "audio/wav"}.IsAudio())
	text, ok := dialect.PlainDocument("hi", "a").Content()
	assert.True(t, ok)
	assert.Equal(t, "hi", text)
	assert.Equal(t, "data:text/plain;base64,aGk=", dialect.PlainDocument("hi", "").DataURL())
}
