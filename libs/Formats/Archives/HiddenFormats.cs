namespace ModelGarden.Formats.Archives;

/// <summary>Formats whose mark does not stand first, so that a file can begin as another: a loader that looks for them finds them.</summary>
internal static class HiddenFormats
{
    public static void Look(FileFormat format, ReadOnlySpan<byte> head, Findings findings)
    {
        if (format is not FileFormat.Tar && TarHeader.HasChecksum(head))
        {
            findings.Suspicious("tar.hidden", $"the file is {format} at its beginning and a tar to those who read tars: loaders disagree on what it is", 0);
        }

        if (format is not FileFormat.Hdf5 && Recognition.IsHdf5(head))
        {
            findings.Suspicious("hdf5.hidden", $"the file is {format} at its beginning and an HDF5 file to those who read them: loaders disagree on what it is", 0);
        }
    }
}
