package upstream

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

// Bedrock's InvokeModel for images, rerankings and multimodal embeddings.

// imageTasks are the tasks of Titan Image Generator and Nova Canvas, with the name of their parameters.
var imageTasks = map[string]string{
	"TEXT_IMAGE": "textToImageParams", "INPAINTING": "inPaintingParams", "OUTPAINTING": "outPaintingParams", "IMAGE_VARIATION": "imageVariationParams",
	"COLOR_GUIDED_GENERATION": "colorGuidedGenerationParams", "BACKGROUND_REMOVAL": "backgroundRemovalParams", "VIRTUAL_TRY_ON": "virtualTryOnParams",
}

// invokeImages is for Titan Image Generator and Nova Canvas.
func (c *call) invokeImages(r Reply) invoked {
	config := c.parsed().get("imageGenerationConfig")
	return invoked{response: jsonResponse(object{"images": r.images(config.get("numberOfImages").integer()), "error": nil})}
}

// invokeStability is for Stability AI's models, which generate one image.
func (c *call) invokeStability(r Reply) invoked {
	return invoked{response: jsonResponse(object{"images": r.images(1), "seeds": []uint64{c.hash % (1 << 32)}, "finish_reasons": []any{nil}})}
}

// images returns as many images as were requested, in base64.
func (r Reply) images(n int) []string {
	list := make([]string, max(1, min(n, 5)))
	for i := range list {
		list[i] = r.image(i)
	}
	return list
}

// invokeRerank is for Amazon's and Cohere's models. Only Cohere's report what they bill.
func (c *call) invokeRerank(r Reply) invoked {
	body := object{"results": c.ranked()}
	if strings.Contains(c.Model, "cohere.") {
		body["id"], body["meta"] = c.id("", 0), c.rerankMeta(r)
	}
	return invoked{response: jsonResponse(body)}
}

// invokeTitanImageEmbed is for Titan Multimodal Embeddings.
func (c *call) invokeTitanImageEmbed(r Reply) invoked {
	request := c.parsed()
	text := request.get("inputText").text()
	size := embeddingSize(c.Model, request.get("embeddingConfig", "outputEmbeddingLength").integer())
	var tokens int64
	if text != "" {
		tokens = reported(r, text)
	}
	return invoked{jsonResponse(object{"embedding": vector(text+request.get("inputImage").text(), size), "inputTextTokenCount": tokens, "message": nil}), Usage{InputTokens: tokens}}
}

// invokeNovaEmbed is for Nova Multimodal Embeddings.
func (c *call) invokeNovaEmbed(r Reply) invoked {
	params := c.parsed().get("singleEmbeddingParams")
	for _, kind := range [...]string{"text", "image", "audio", "video"} {
		input := params.get(kind)
		if !input.there() {
			continue
		}
		size := embeddingSize(c.Model, params.get("embeddingDimension").integer())
		content := string(input.raw)
		var u Usage
		if text := input.get("value"); text.there() {
			content = text.text()
			u.InputTokens = reported(r, content)
		}
		embedding := object{"embeddingType": strings.ToUpper(kind), "embedding": vector(content, size)}
		return invoked{jsonResponse(object{"embeddings": []object{embedding}}), u}
	}
	return invoked{response: c.failure(http.StatusBadRequest, "Malformed input request: #/singleEmbeddingParams: one of text, image, audio and video is required, please reformat your input and try again.")}
}

// malformedImages returns what is wrong with a request for images, in the words of Amazon's JSON schemas.
func (c *call) malformedImages() (wrong []string) {
	task := c.request.get("taskType")
	params, known := imageTasks[task.text()]
	switch {
	case !task.there():
		return []string{"#: required key [taskType] not found"}
	case !known:
		return []string{"#/taskType: " + task.text() + " is not a valid enum value"}
	case !c.request.get(params).there():
		return []string{"#: required key [" + params + "] not found"}
	}
	most := 1024
	if strings.Contains(c.Model, "titan-") {
		most = 512
	}
	for _, name := range [...]string{"text", "negativeText"} {
		if n := utf8.RuneCountInString(c.request.get(params, name).text()); n > most {
			wrong = append(wrong, fmt.Sprintf("#/%s/%s: expected maxLength: %d, actual: %d", params, name, most, n))
		}
	}
	const fewest, mostImages = 1, 5
	images := c.request.get("imageGenerationConfig", "numberOfImages")
	switch n, ok := images.number(); {
	case ok && n < fewest:
		wrong = append(wrong, fmt.Sprintf("#/imageGenerationConfig/numberOfImages: %s is not greater or equal to %d", images.raw, fewest))
	case ok && n > mostImages:
		wrong = append(wrong, fmt.Sprintf("#/imageGenerationConfig/numberOfImages: %s is not less or equal to %d", images.raw, mostImages))
	}
	return append(wrong, c.malformedSides(task.text())...)
}

// malformedSides returns what is wrong with the size that a request to Nova Canvas sets. Other tasks keep the size of an
// image.
func (c *call) malformedSides(task string) (wrong []string) {
	const least, most, step = 320, 4096, 16
	if !strings.Contains(c.Model, "nova-canvas") || !slices.Contains([]string{"TEXT_IMAGE", "COLOR_GUIDED_GENERATION", "IMAGE_VARIATION"}, task) {
		return nil
	}
	for _, name := range [...]string{"width", "height"} {
		side := c.request.get("imageGenerationConfig", name)
		var problem string
		switch n, ok := side.number(); {
		case !ok:
			continue
		case n < least:
			problem = fmt.Sprintf("is not greater or equal to %d", least)
		case n > most:
			problem = fmt.Sprintf("is not less or equal to %d", most)
		case math.Mod(n, step) != 0:
			problem = fmt.Sprintf("is not a multiple of %d", step)
		default:
			continue
		}
		wrong = append(wrong, fmt.Sprintf("#/imageGenerationConfig/%s: %s %s", name, side.raw, problem))
	}
	return wrong
}
