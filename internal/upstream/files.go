package upstream

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// The files of OpenAI, Anthropic and Google: uploaded, described, read and deleted.

// storedFile is an uploaded file, or one that a batch has written.
type storedFile struct {
	about   object // what the provider says about it
	content []byte
	purpose string
}

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

func (c *call) keepFile(id string, f storedFile) { c.stored.put(id, f, len(f.content)) }

// uploadFile is OpenAI's. Files for batches expire after 30 days.
func (c *call) uploadFile(Reply) response {
	u := c.upload()
	purpose := u.fields["purpose"]
	const month = 30 * 24 * 60 * 60
	var expires any
	if seconds, err := strconv.ParseInt(u.fields["expires_after[seconds]"], 10, 64); err == nil {
		expires = c.created() + seconds
	} else if purpose == batchPurpose {
		expires = c.created() + month
	}
	id := c.id("file-", 0)
	f := c.newFile(id, u.name, purpose, expires, u.content)
	c.keepFile(id, f)
	return jsonResponse(f.about)
}

// newFile returns a file of OpenAI.
func (c *call) newFile(id, name, purpose string, expires any, content []byte) storedFile {
	about := object{"id": id, "object": "file", "bytes": len(content), "created_at": c.created(), "filename": name,
		"purpose": purpose, "status": "processed", "status_details": nil, "expires_at": expires}
	return storedFile{about, content, purpose}
}

// storedFile calls a function with the file that the path names.
func (c *call) storedFile(then func(storedFile) response) response {
	f, found := recall[storedFile](c.stored, c.resource)
	if !found {
		return c.notStored(http.StatusNotFound, "No such File object: "+c.resource, "id", nil)
	}
	return then(f)
}

func (c *call) retrieveFile(Reply) response {
	return c.storedFile(func(f storedFile) response { return jsonResponse(f.about) })
}

// fileContent returns a file, unless it was uploaded for the model to read: those can't be downloaded.
func (c *call) fileContent(Reply) response {
	return c.storedFile(func(f storedFile) response {
		if slices.Contains([]string{"assistants", "user_data", "vision"}, f.purpose) {
			return c.notStored(http.StatusBadRequest, "Not allowed to download files of purpose: "+f.purpose, nil, nil)
		}
		return response{kind: "application/octet-stream", body: f.content}
	})
}

func (c *call) deleteFile(Reply) response {
	return c.storedFile(func(storedFile) response {
		c.stored.remove(c.resource)
		return jsonResponse(object{"id": c.resource, "object": "file", "deleted": true})
	})
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
	c.keepFile(id, storedFile{about: about, content: u.content})
	return jsonResponse(about)
}

func (c *call) claudeFile(then func(storedFile) response) response {
	f, found := recall[storedFile](c.stored, c.resource)
	if !found {
		return c.failure(http.StatusNotFound, "File not found: "+c.resource)
	}
	return then(f)
}

func (c *call) retrieveClaudeFile(Reply) response {
	return c.claudeFile(func(f storedFile) response { return jsonResponse(f.about) })
}

func (c *call) deleteClaudeFile(Reply) response {
	return c.claudeFile(func(storedFile) response {
		c.stored.remove(c.resource)
		return jsonResponse(object{"type": "file_deleted", "id": c.resource})
	})
}
