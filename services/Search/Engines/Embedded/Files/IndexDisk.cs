namespace ModelGarden.Search.Engines.Embedded.Files;

/// <summary>What an index asks of the operating system to change its folder, call by call: any of them may fail, and tests make it.</summary>
internal class IndexDisk
{
    /// <summary>A file written from its beginning on, in place of any older one of that name.</summary>
    /// <param name="path">Where.</param>
    /// <param name="buffer">So many bytes are gathered before they are in the system's hands; 0: each write is at once.</param>
    public virtual FileStream Create(string path, int buffer) => new(path, OptionsOf(buffer));

    public virtual void Move(string from, string to) => File.Move(from, to, overwrite: true);

    public virtual void Delete(string path) => File.Delete(path);

    /// <summary>From then on the folder has its entries after a power cut.</summary>
    public virtual void FlushFolder(string path) => FolderFlush.Flush(path);

    protected static FileStreamOptions OptionsOf(int buffer) =>
        new() { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = buffer };
}
