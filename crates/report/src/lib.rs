//! Written work reports: a document model and its writers for .docx (GB/T 9704), .xlsx, Markdown, HTML and JSON.
