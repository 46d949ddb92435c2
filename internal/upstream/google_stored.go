package upstream

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lavapayments/lava-go/internal/dialect"
)

// Google's files, cached contents, and predictions.

// predict responds as Imagen and as Vertex' embeddings of text; false for other models.
func (c *call) predict(r Reply) (response, bool) {
	request := c.parsed()
	predictions := []object{}
	switch {
	case strings.Contains(c.Model, "imagen"):
		n := request.get("parameters", "sampleCount").integer()
		for _, image := range r.images(n) {
			predictions = append(predictions, object{"mimeType": r.imageType(0), "bytesBase64Encoded": image})
		}
	case strings.Contains(c.Model, "embedding"):
		size := embeddingSize(c.Model, request.get("parameters", "outputDimensionality").integer())
		for _, instance := range request.get("instances").items {
			text := instance.get("content").text()
			predictions = append(predictions, object{"embeddings": object{"values": vector(text, size),
				"statistics": object{"truncated": false, "token_count": reported(r, text)}}})
		}
	default:
		return response{}, false
	}
	return jsonResponse(object{"predictions": predictions}), true
}

var predictRules = []rule{
	{"google.imagen", func(c *call) *refusal {
		if !strings.HasSuffix(c.path, ":predict") || !strings.HasPrefix(c.Model, "imagen-3") && !strings.HasPrefix(c.Model, "imagen-4") {
			return nil
		}
		parameters := c.request.get("parameters")
		if n, ok := parameters.get("sampleCount").number(); ok && (n < 1 || n > 4) {
			return refused(fmt.Sprintf("sampleCount must be between 1 and 4, but was %v.", n))
		}
		if ratio := parameters.get("aspectRatio"); ratio.isString() && !imagenRatios[ratio.text()] {
			return refused("aspectRatio must be one of 1:1, 3:4, 4:3, 9:16 and 16:9, but was " + ratio.text() + ".")
		}
		return nil
	}},
}

var imagenRatios = words("1:1 3:4 4:3 9:16 16:9")

// cachedContent is a prompt that later requests name.
type cachedContent struct {
	about  object
	model  string // the only one that may use it
	tokens int64
}

func (content cachedContent) shown(*call) any { return content.about }

var googleCaches = collection[cachedContent]{
	folder:  "cachedContents/",
	missing: func(c *call) response { return c.failure(http.StatusForbidden, noCache) },
	deleted: func(*call) object { return object{} },
	page:    googleList{"cachedContents", 50, 1000}.page, // the usual number is assumed
}

// createCache keeps a prompt, for an hour unless the request says otherwise.
func (c *call) createCache(Reply) response {
	request := c.parsed()
	name, tokens := googleCaches.folder+strings.ToLower(c.id("", 0)), googleTokens(request)
	text, expires := c.expiry(request)
	about := object{"name": name, "model": request.get("model").text(), "displayName": either(request, "displayName").text(),
		"createTime": c.timestamp(0), "updateTime": c.timestamp(0), "expireTime": text, "usageMetadata": object{"totalTokenCount": tokens}}
	c.store(name, kept{cachedContent{about, request.get("model").text(), tokens}, len(c.body), expires})
	return jsonResponse(about)
}

// usedCache returns the cached content that a request to generateContent names, the zero value if it names none.
// Vertex, whose names begin with a project, has other words for one that is not there.
func (c *call) usedCache(request value) (cachedContent, *refusal) {
	name := either(request, "cachedContent").text()
	if name == "" {
		return cachedContent{}, nil
	}
	content, found := recall[cachedContent](c, googleCaches.folder+lastPart(name))
	switch {
	case !found && strings.HasPrefix(name, "projects/"):
		return content, &refusal{message: "Not found: cached content metadata for " + lastPart(name) + ".", status: http.StatusNotFound}
	case !found:
		return content, &refusal{message: noCache, status: http.StatusForbidden}
	case content.model != "" && lastPart(content.model) != c.Model:
		return content, refused("Model used by GenerateContent request (models/" + c.Model + ") and CachedContent (models/" + lastPart(content.model) + ") has to be the same.")
	}
	return content, nil
}

// noCache are the words by which clients recognize a cached content that has ended, and create it again.
const noCache = "CachedContent not found (or permission denied)"

// lastPart returns the id in a resource's name.
func lastPart(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }

// googleTokens counts the text of a prompt.
func googleTokens(request value) int64 {
	return dialect.EstimateTokens(dialect.CountPrompt(request.raw, "tools", "contents", "systemInstruction"))
}

// expiry returns the time that a request sets for the end of a cached content.
func (c *call) expiry(request value) (text string, seconds int64) {
	if end, err := time.Parse(time.RFC3339, either(request, "expireTime").text()); err == nil {
		return end.UTC().Format(time.RFC3339Nano), end.Unix()
	}
	lives, err := time.ParseDuration(request.get("ttl").text())
	if err != nil {
		lives = time.Hour
	}
	return c.timestamp(lives), c.created() + int64(lives.Seconds())
}

// updateCache sets a new end: nothing else can be changed.
func (c *call) updateCache(content cachedContent) response {
	text, expires := c.expiry(c.parsed())
	content.about = maps.Clone(content.about)
	content.about["updateTime"], content.about["expireTime"] = c.timestamp(0), text
	c.change(googleCaches.folder+c.resource, content, expires)
	return jsonResponse(content.about)
}

// resumable is a file of which more may arrive.
type resumable struct {
	kind, title string
	name        string // that the client has chosen, such as files/abc-1
	content     []byte
}

// uploadGoogleFile begins an upload, or continues the one that the query names: the client announces a file, and then
// sends its content, in one or several requests.
func (c *call) uploadGoogleFile(Reply) response {
	query, _ := url.ParseQuery(c.query)
	id := query.Get("upload_id")
	if id == "" {
		return c.beginUpload()
	}
	up, found := recall[resumable](c, id)
	if !found {
		return c.failure(http.StatusNotFound, "Upload not found.")
	}
	content := slices.Concat(up.content, c.body)
	if !strings.Contains(c.header.Get("X-Goog-Upload-Command"), "finalize") {
		c.store(id, kept{object: resumable{up.kind, up.title, up.name, content}, bytes: len(content)})
		return response{kind: "application/json", body: []byte("{}"), header: http.Header{"X-Goog-Upload-Status": {"active"}}}
	}
	c.remove(id)
	name := cmp.Or(up.name, "files/"+strings.ToLower(c.id("", 0)[:12]))
	const lives = 48 * time.Hour
	sum := sha256.Sum256(content)
	about := object{"name": name, "displayName": up.title, "mimeType": up.kind, "sizeBytes": strconv.Itoa(len(content)), "createTime": c.timestamp(0), "updateTime": c.timestamp(0),
		"expirationTime": c.timestamp(lives), "sha256Hash": base64Of([]byte(hex.EncodeToString(sum[:]))), "uri": "https://" + c.host + "/v1beta/" + name,
		"state": "ACTIVE", "source": "UPLOADED"}
	c.keepFile(storedFile{id: name, about: about, content: content, expires: c.created() + int64(lives.Seconds())})
	a := jsonResponse(object{"file": about})
	a.header = http.Header{"X-Goog-Upload-Status": {"final"}}
	return a
}

func (c *call) beginUpload() response {
	if c.header.Get("X-Goog-Upload-Protocol") != "resumable" {
		return c.failure(http.StatusBadRequest, "the mock supports resumable uploads only: send X-Goog-Upload-Protocol: resumable, as the SDKs do")
	}
	id, file := c.id("upload_", 0), c.parsed().get("file")
	c.store(id, kept{object: resumable{kind: c.header.Get("X-Goog-Upload-Header-Content-Type"), title: either(file, "displayName").text(), name: file.get("name").text()}})
	return response{kind: "application/json", body: []byte("{}"), header: http.Header{
		"X-Goog-Upload-Status": {"active"}, "X-Goog-Upload-Url": {"https://" + c.host + c.path + "?upload_id=" + id + "&upload_protocol=resumable"}}}
}

var googleFiles = collection[storedFile]{
	folder: "files/",
	missing: func(c *call) response {
		return c.failure(http.StatusForbidden, "You do not have permission to access the File "+c.resource+" or it may not exist.")
	},
	deleted: func(*call) object { return object{} },
	page:    googleList{"files", 10, 100}.page,
}
