using ModelGarden.Formats.Scans;

namespace ModelGarden.Formats.Hdf5;

/// <summary>
/// An HDF5 file, as Keras writes them. It is not parsed: Keras keeps a model's layers as JSON in an attribute, which HDF5 stores whole and unpacked, so the
/// bytes are looked through for what in such JSON runs code.
/// </summary>
internal static class Hdf5Examiner
{
    public static void Examine(Content content) => BinaryScans.Scan(content, new KerasScanner(content.Findings, isModel: true));
}
