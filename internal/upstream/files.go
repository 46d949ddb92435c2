package upstream

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// The files of OpenAI, Anthropic and Google: uploaded, described, read and deleted.

// storedFile is an uploaded file, or one that a batch has written.
type storedFile struct {
	id      string
	about   object // what the provider says about it
	content []byte
	purpose string
	expires int64 // in Unix seconds; 0: never
}

func (f storedFile) shown(*call) any { return f.about }

// upload is a form with a file.
type upload struct {
	name, kind string
	content    []byte
	fields     map[string]string
	found      bool
}

func (c *call) upload() upload {
	u := upload{fields: map[string]string{}}
	_, params, _ := mime.ParseMediaType(c.header.Get("Content-Type"))
	form := multipart.NewReader(bytes.NewReader(c.body), params["boundary"])
	for {
		part, err := form.NextPart()
		if err != nil { // the end, or no form
			return u
		}
		b, _ := io.ReadAll(part)
		if part.FileName() == "" {
			u.fields[part.FormName()] = string(b)
			continue
		}
		u.name, u.kind, u.content, u.found = part.FileName(), orElse(part.Header.Get("Content-Type"), "application/octet-stream"), b, true
	}
}

func (c *call) keepFile(f storedFile) {
	c.store(f.id, kept{object: f, bytes: len(f.content), expires: f.expires})
}

// uploadFile is OpenAI's.
func (c *call) uploadFile(Reply) response {
	u := c.upload()
	purpose := u.fields["purpose"]
	f := c.newFile(c.id("file-", 0), u.name, purpose, c.fileExpiry(purpose, u.fields["expires_after[seconds]"]), u.content)
	c.keepFile(f)
	return jsonResponse(f.about)
}

// fileExpiry returns when a file of OpenAI expires: after the number of seconds that a request gives, and files for
// batches after 30 days.
func (c *call) fileExpiry(purpose, after string) int64 {
	const month = 30 * 24 * 60 * 60
	seconds, err := strconv.ParseInt(after, 10, 64)
	switch {
	case err == nil:
		return c.created() + seconds
	case purpose == batchPurpose:
		return c.created() + month
	}
	return 0
}

// newFile returns a file of OpenAI.
func (c *call) newFile(id, name, purpose string, expires int64, content []byte) storedFile {
	about := object{"id": id, "object": "file", "bytes": len(content), "created_at": c.created(), "filename": name,
		"purpose": purpose, "status": "processed", "status_details": nil, "expires_at": nil}
	if expires != 0 {
		about["expires_at"] = expires
	}
	return storedFile{id, about, content, purpose, expires}
}

var openAIFiles = collection[storedFile]{
	missing: func(c *call) response {
		return openAIFailure(http.StatusNotFound, "id", "", "No such File object: %s", c.resource)
	},
	deleted: func(c *call) object { return object{"id": c.resource, "object": "file", "deleted": true} },
	listed: func(f storedFile, query url.Values) bool {
		purpose := query.Get("purpose")
		return purpose == "" || purpose == f.purpose
	},
	page: openAIList{10_000, 10_000, "desc"}.page,
}

// fileContent returns a file, unless it was uploaded for the model to read: those can't be downloaded.
func (c *call) fileContent(f storedFile) response {
	if slices.Contains([]string{"assistants", "user_data", "vision"}, f.purpose) {
		return openAIFailure(http.StatusBadRequest, "", "", "Not allowed to download files of purpose: %s", f.purpose)
	}
	return response{kind: "application/octet-stream", body: f.content}
}

// timestamp returns a time of the call as Anthropic and Google write it.
func (c *call) timestamp(later time.Duration) string {
	return time.Unix(c.created(), 0).Add(later).UTC().Format(time.RFC3339)
}

// uploadClaudeFile is Anthropic's upload. Uploaded files can't be downloaded.
func (c *call) uploadClaudeFile(Reply) response {
	u := c.upload()
	if !u.found {
		return c.failure(http.StatusBadRequest, "file: Field required")
	}
	id := c.id("file_", 0)
	about := object{"type": "file", "id": id, "filename": u.name, "mime_type": u.kind, "size_bytes": len(u.content),
		"created_at": c.timestamp(0), "downloadable": false}
	c.keepFile(storedFile{id: id, about: about, content: u.content})
	return jsonResponse(about)
}

var claudeFiles = collection[storedFile]{
	missing: func(c *call) response { return c.failure(http.StatusNotFound, "File not found: "+c.resource) },
	deleted: func(c *call) object { return object{"type": "file_deleted", "id": c.resource} },
	listed: func(f storedFile, query url.Values) bool {
		ids := slices.Concat(query["ids"], query["ids[]"])
		return len(ids) == 0 || slices.Contains(ids, f.id)
	},
	page: claudePage,
}
