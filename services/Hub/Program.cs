return await ModelGarden.Hosting.GardenService.RunAsync(ModelGarden.Hub.HubModule.Definition, args);
