-- What pandoc's typst writer leaves out: alternative texts, sizes, colours and the classes of our pages.
local function quoted(text)
  return '"' .. text:gsub('\\', '\\\\'):gsub('"', '\\"'):gsub('%s+', ' ') .. '"'
end

local function typst(text)
  return pandoc.RawInline('typst', text)
end

local function around(open, blocks, close)
  local whole = pandoc.List { pandoc.RawBlock('typst', open) }
  whole:extend(blocks)
  whole:insert(pandoc.RawBlock('typst', close))
  return whole
end

function Image(image)
  local how = image.classes:includes('small') and 'sign' or 'picture'
  local words = quoted(pandoc.utils.stringify(image.caption))
  return typst('#on-' .. how .. '(' .. quoted(image.src) .. ', alt: ' .. words .. ');')
end

function Math(formula)
  local written = pandoc.write(pandoc.Pandoc { pandoc.Plain { formula } }, 'typst'):gsub('%s+$', '')
  return typst('#on-formula(' .. quoted(formula.text) .. ')[' .. written .. '];')
end

function Span(span)
  if span.classes:includes('layer') then
    span.content:insert(1, typst('#on-layer(' .. quoted(span.attributes.colour) .. ')['))
    span.content:insert(typst('];'))
    return span.content
  end
  for _, name in ipairs { 'claim', 'box', 'blank' } do
    if span.classes:includes(name) then
      span.content:insert(1, typst('#on-' .. name .. '['))
      span.content:insert(typst('];'))
      return span.content
    end
  end
end

function Div(div)
  for _, name in ipairs { 'variant', 'fold', 'notice', 'own', 'line', 'choice', 'who', 'label', 'hint', 'model' } do
    if div.classes:includes(name) or div.classes:includes('celltag_' .. name) then
      return around('#on-' .. name .. '[', div.content, ']')
    end
  end
  if div.classes:includes('work') then
    return pandoc.RawBlock('typst', '#on-work()')
  end
  return div.content
end

function Header(header)
  header.level = math.max(1, header.level - 1)
  return header
end

function Table(table)
  local size, whole = table.attributes.size or '9.5pt', table.attributes.whole or 'false'
  return around('#on-table(' .. size .. ', ' .. whole .. ')[', { table }, ']')
end
