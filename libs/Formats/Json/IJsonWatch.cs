using ModelGarden.Formats.IO;

namespace ModelGarden.Formats.Json;

/// <summary>Sees every token of a JSON file as it is read.</summary>
internal interface IJsonWatch
{
    /// <param name="json">At the token.</param>
    /// <param name="key">The name of the property that is read, however deep, where it is one of <see cref="JsonKeys"/> or was spelled with escapes; else empty.</param>
    void See(JsonTokens json, string key);
}

/// <summary>The names that somebody watches for: no other is made into text.</summary>
internal static class JsonKeys
{
    public const string Template = "chat_template";
    public const string Cells = "cells";
    public const string CellType = "cell_type";
    public const string Source = "source";

    public static string Known(ReadOnlySpan<byte> name) =>
        name.IndexOf("chat_template"u8) >= 0 ? Template
        : name.SequenceEqual("cells"u8) ? Cells
        : name.SequenceEqual("cell_type"u8) ? CellType
        : name.SequenceEqual("source"u8) ? Source
        : "";
}
