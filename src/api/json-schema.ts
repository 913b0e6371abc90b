import { z } from 'zod'

/**
 * What `schema` looks like on the wire, as JSON Schema 2020-12. Schemas with an id go to `components`, and are referred
 * to; what people would not read, such as the long patterns behind a format, is left out.
 */
export function toJsonSchema(schema: z.ZodType, components: Record<string, JsonSchema>): JsonSchema {
  const {
    $schema: _,
    $defs = {},
    ...plain
  } = z.toJSONSchema(schema, {
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => simplify(zodSchema, jsonSchema),
  })
  const text = JSON.stringify({ plain, $defs }).replaceAll('"#/$defs/', '"#/components/schemas/')
  const referring: { plain: JsonSchema; $defs: Record<string, JsonSchema> } = JSON.parse(text)
  Object.assign(components, referring.$defs)
  return referring.plain
}

/** The part of JSON Schema that is looked at here. */
export interface JsonSchema {
  $ref?: string | undefined
  description?: string | undefined
  properties?: Record<string, JsonSchema> | undefined
  additionalProperties?: unknown
  items?: JsonSchema | undefined
  anyOf?: JsonSchema[] | undefined
  oneOf?: JsonSchema[] | undefined
  allOf?: JsonSchema[] | undefined
}

function simplify(zodSchema: z.core.$ZodType, jsonSchema: z.core.JSONSchema.BaseSchema): void {
  if (jsonSchema.format !== undefined) {
    delete jsonSchema.pattern
    delete jsonSchema.allOf
  }
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
  if (zodSchema instanceof z.ZodDefault) jsonSchema.default = zodSchema.def.defaultValue
}
