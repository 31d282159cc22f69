namespace ModelGarden.Formats.IO;

/// <summary>Unpacked bytes, counted against what a whole examination may unpack. Damage ends it; why is kept.</summary>
internal sealed class UnpackingStream(Stream inner, Walk walk) : ForwardStream
{
    /// <summary>Why it ended early.</summary>
    public string? Fault { get; private set; }

    public override int Read(Span<byte> buffer)
    {
        try
        {
            var read = Fault is null ? inner.Read(buffer) : 0;
            if (!walk.Unpack(read))
            {
                Fault = $"is part of more than {Walk.MaximumUnpacked} bytes unpacked";
                return 0;
            }

            return read;
        }
        catch (InvalidDataException)
        {
            Fault = "is damaged";
            return 0;
        }
    }
}
